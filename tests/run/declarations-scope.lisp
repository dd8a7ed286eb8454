;;; What declarations reach beside the body (CLHS 3.3.4), and names that can't be symbol macros (CLHS SYMBOL-MACROLET).
(setq *print-pretty* nil)
(defun show (&rest values) (prin1 values) (terpri))
(defmacro outcome (form)
  `(handler-case (handler-bind ((warning #'muffle-warning)) ,form)
     (program-error () :program-error)))

;; The result form of an iteration is in the scope of the body's declarations.
(defmacro results ()
  '(let ((x :special))
    (declare (special x))
    (let ((x :lexical))
      (list (dolist (e nil x) (declare (special x)))
            (dolist (e '(1 2) x) (declare (ignorable e)) (declare (special x)))
            (dotimes (i 2 x) (declare (special x)))
            (do ((i 0 (+ i 1))) ((= i 2) x) (declare (special x)))
            (do-symbols (s "KEYWORD" x) (declare (special x)))
            (do-external-symbols (s "KEYWORD" x) (declare (special x)))
            (do-all-symbols (s x) (declare (special x)))
            x))))
(show (results) (eval '(results)))

;; Declared types concern the elements, not what the variable is bound to for the result.
(show (dolist (e '(1 2) :done) (declare (fixnum e)))
      (dolist (e '(1.0d0) :done) (declare (double-float e)))
      (eval '(dolist (e '("a") :done) (declare (type simple-string e)))))

;; The variable itself may be special.
(defun dynamic-e () (declare (special e)) e)
(show (dolist (e '(1 2) (dynamic-e)) (declare (special e)) (dynamic-e)))

;; The options of a stream are not in the body.
(defmacro option ()
  '(block done
    (let ((x :special))
      (declare (special x))
      (let ((x :lexical) (string (make-array 10 :element-type 'character :fill-pointer 0)))
        (with-output-to-string (s string :element-type (return-from done x))
          (declare (special x))
          x)))))
(show (option) (eval '(option)))

;; Special variables and constants are no symbol macros.
(defvar *special* 1)
(show (outcome (funcall (compile nil '(lambda () (symbol-macrolet ((a 10)) (declare (special a)) 20)))))
      (outcome (funcall (compile nil '(lambda () (symbol-macrolet ((*special* 10)) *special*)))))
      (outcome (funcall (compile nil '(lambda () (symbol-macrolet ((a 10)) (let ((a a)) (declare (special a)) a))))))
      (outcome (eval '(symbol-macrolet ((a 10)) (declare (special a)) 20)))
      (outcome (eval '(symbol-macrolet ((*special* 10)) *special*)))
      (outcome (eval '(symbol-macrolet ((pi 3)) pi))))
