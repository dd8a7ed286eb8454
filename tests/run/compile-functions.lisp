;;;; COMPILE (CLHS 3.8): functions from lambda expressions and of names, what it says of them, and the identity of literals.
;;;; It is for load as source only: it asks for machine code at run time.

(defun show (&rest objects)
  (format t "~{~S~^ ~}~%" objects))

(defmacro twice (form) `(progn ,form ,form))

(show (funcall (compile nil '(lambda (x) (* x x))) 7))
(show (functionp (compile nil '(lambda ()))) (compiled-function-p (compile nil '(lambda ()))))
(show (let ((f (compile nil '(lambda (a &optional (b 2) &rest r &key (k :none) &allow-other-keys) (list a b r k)))))
        (list (funcall f 1) (funcall f 1 3 :k 4))))
(show (let ((n 0)) (declare (special n)) (funcall (compile nil '(lambda () (declare (special n)) (twice (incf n)) n)))))
(show (funcall (funcall (compile nil '(lambda (n) (lambda (x) (incf n x)))) 10) 5))
(show (let ((f (compile nil '(lambda (n) (labels ((f (n a) (if (zerop n) a (f (1- n) (* n a))))) (f n 1))))))
        (funcall f 20)))

;;; Functions of names.
(eval '(defun evaluated (x) (list :evaluated x)))
(show (multiple-value-list (compile 'evaluated)) (evaluated 1) (compiled-function-p #'evaluated))
(show (multiple-value-list (compile 'named '(lambda (x) (list :named x)))) (named 2))
(show (compile 'show) (multiple-value-list (compile nil #'car)))
(eval '(defmacro evaluated-macro (x) `(list :macro ,x)))
(show (compile 'evaluated-macro) (eval '(evaluated-macro 3)) (not (null (macro-function 'evaluated-macro))))
(eval '(defun (setf evaluated) (new x) (list :set new x)))
(show (compile '(setf evaluated)) (setf (evaluated 1) 2))

;;; What is wrong.
(defun verdict (expression)
  (let ((signalled '()))
    (multiple-value-bind (function warnings-p failure-p)
        (handler-bind ((style-warning (lambda (c) (push :style signalled) (muffle-warning c)))
                       (warning (lambda (c) (push :warning signalled) (muffle-warning c))))
          (compile nil expression))
      (list (functionp function) (and warnings-p t) (and failure-p t) (remove-duplicates signalled)))))

(show (verdict '(lambda (x) x)))
(show (verdict '(lambda () undefined-variable-of-this-file)))
(show (handler-case (handler-bind ((warning #'muffle-warning)) (funcall (compile nil '(lambda () (if)))))
        (program-error () :program-error)))
(show (handler-case (compile nil 17) (error () :error)))
(show (handler-case (compile 'undefined-function-of-this-file) (undefined-function (c) (cell-error-name c))))

;;; Literals are the same objects.
(show (let* ((list (list 1 2)) (vector (vector list)) (string (make-string 2 :initial-element #\a))
             (table (make-hash-table)))
        (mapcar #'eq
                (funcall (compile nil `(lambda () (list ',list ',vector ',string ,table (car ',(list list))))))
                (list list vector string table list))))
(show (let ((circular (list 1 2)))
        (setf (cddr circular) circular)
        (third (funcall (compile nil `(lambda () ',circular))))))

;; Strings needn't be quoted to be literals, and are still text to the compiler.
(show (let* ((string (copy-seq "abc")) (other (copy-seq "abc")) (control (copy-seq "~A!")) (documentation (copy-seq "Documented."))
             (adjustable (make-array 2 :element-type 'character :fill-pointer 1 :initial-element #\x)))
        (list (funcall (compile nil `(lambda () (eq ,string ,string))))
              (eq string (funcall (compile nil `(lambda () ,string))))
              (funcall (compile nil `(lambda () (eq ,string ,other))))
              (eq adjustable (funcall (compile nil `(lambda () ,adjustable))))
              (funcall (compile nil `(lambda (x) ,documentation (declare (ignorable x)) (format nil ,control x))) 5)
              (let ((written (funcall (compile nil `(lambda () (let ((s ,string)) (setf (char s 0) #\z) s))))))
                (list written string (eq written string))))))

;;; COMPILE inside of what is being compiled.
(defmacro table (n)
  (let ((f (compile nil '(lambda (i) (* i i)))))
    `(vector ,@(loop for i below n collect (funcall f i)))))
(show (table 5))
(show (funcall (compile nil '(lambda () (table 3)))))
(show (load-time-value (funcall (compile nil '(lambda () :early)))))
