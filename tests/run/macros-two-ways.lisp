;;; The macros that the compiler converts by itself mean what their definitions in the library mean: each form is run compiled,
;;; and by the evaluator, which expands it.  TRACED is the list of what was evaluated, in order.

(defvar *traced*)

(defun traced (x)
  (push x *traced*)
  x)

(defmacro both-ways (&rest forms)
  `(progn
     ,@(mapcar (lambda (form)
                 `(let* ((compiled (let ((*traced* '()))
                                     (append (multiple-value-list ,form) (list :traced (reverse *traced*)))))
                         (evaluated (let ((*traced* '()))
                                      (append (multiple-value-list (eval ',form)) (list :traced (reverse *traced*))))))
                    (format t "~S~%" compiled)
                    (unless (equal compiled evaluated)
                      (format t "  evaluated, ~S gives ~S~%" ',form evaluated))))
               forms)))

;; AND, OR
(both-ways
 (and)
 (and (values 1 2))
 (and (traced 1) (values 1 2))
 (and (traced 1) (traced nil) (traced 2))
 (and (values 1 2) 3)
 (or)
 (or (values nil 2))
 (or (values 1 2) 3)
 (or (traced nil) (values 3 4))
 (or (traced nil) (traced 1) (traced 2)))

;; COND
(both-ways
 (cond)
 (cond ((traced nil) 1))
 (cond ((values 1 2)))
 (cond (nil 1) ((traced 2)) (t 3))
 (cond (t))
 (cond (t (values 1 2)))
 (cond ((traced 1) (traced 2) (values 3 4)) (t 5))
 (cond ((eq (traced 1) 2) :two) ((values nil 7)))
 (cond (nil) ((traced 3) (traced 4))))

;; WHEN, UNLESS
(both-ways
 (when (traced 1))
 (when (traced nil) (traced 2))
 (when (traced 1) (traced 2) (values 3 4))
 (unless (traced nil))
 (unless (traced 1) (traced 2))
 (unless (traced nil) (traced 2) (values 3 4)))

;; CASE
(both-ways
 (case (traced 1))
 (case (traced 1) (1 (values :one :two)))
 (case 2 ((1 2 3) :few) (t :many))
 (case 9 ((1 2 3) :few) (t :many))
 (case 9 ((1 2 3) :few) (otherwise :many))
 (case 9 ((1 2 3) :few))
 (case nil (nil :never) ((nil) :nil))
 (case 't (nil :never) ((t) :t))
 (case 'otherwise ((otherwise) :found) (t :not-found))
 (case #\a (#\b :b) ((#\a #\c) :a-or-c))
 (case 1.5d0 (1.5d0 :double) (1.5 :single))
 (case 123456789012345678901 (123456789012345678901 :big))
 (case 1 (1) (t 2))
 (case (values 1 2) (1 (values 3 4))))

;; PROG1, PROG2, RETURN
(both-ways
 (prog1 (values (traced 1) 2))
 (prog1 (traced 1) (traced 2) (traced 3))
 (prog2 (traced 1) (values (traced 2) 3) (traced 4))
 (prog2 (traced 1) (traced 2))
 (block nil (traced 1) (return) (traced 2))
 (block nil (return (values 1 2)))
 (block nil (list (block nil (return 1)) (return 2))))

;; LAMBDA, MULTIPLE-VALUE-BIND, MULTIPLE-VALUE-LIST
(both-ways
 ((lambda (x &optional (y (traced x)) &rest z) (list x y z)) 1)
 (funcall (lambda (x &key (y 2 y-p)) (list x y y-p)) 1 :y 3)
 (multiple-value-bind (a b c) (values 1 2) (list a b c))
 (multiple-value-bind (a) (values 1 2) a)
 (multiple-value-bind () (values (traced 1) 2) 3)
 (multiple-value-bind (a b) (floor 7 2) (declare (fixnum a b)) (values b a))
 (multiple-value-bind (*traced* b) (values '() 2) (traced b) *traced*)
 (multiple-value-list (values))
 (multiple-value-list (floor -7 2))
 (multiple-value-list 1))

;; SETQ, PSETQ, SETF
(both-ways
 (let ((x 1) (y 2)) (psetq x y y x) (list x y))
 (let ((x 1) (y 2)) (list (psetq x (traced y) y (traced x)) x y))
 (psetq)
 (setf)
 (let ((x 1)) (list (setf x 2) x))
 (let ((x 1) (y 2)) (list (setf x y y 3) x y))
 (let ((x (list 1 2 3))) (setf (car x) 4 (cadr x) (traced 5)) x)
 (let ((x (list 1 2 3))) (list (setf (cdr (traced x)) (traced 9)) x))
 (let ((v (vector 1 2 3)) (i 0)) (setf (svref v (incf i)) (incf i)) (list (coerce v 'list) i))
 (let ((h (make-hash-table))) (setf (gethash (traced :a) h) (traced 1)) (gethash :a h))
 (let ((x (list :a 1))) (setf (getf x :b) 2) (list (getf x :a) (getf x :b)))
 (let ((x 0)) (setf (values x *traced*) (values 1 '(2))) (list x *traced*))
 (symbol-macrolet ((first (car x))) (let ((x (list 1 2))) (setf first 3) x))
 (macrolet ((head (list) `(car ,list))) (let ((x (list 1 2))) (setf (head x) 3) x))
 (flet (((setf middle) (new list) (setf (cadr list) new))) (let ((x (list 1 2))) (list (setf (middle x) 3) x)))
 (let ((x 5)) (setf (ldb (byte 2 0) x) 2) x))

;; PUSH, POP, INCF, DECF
(both-ways
 (let ((x '())) (list (push (traced 1) x) (push (traced 2) x) x))
 (let ((x (list (list 1) 2))) (push (traced 0) (car (traced x))) x)
 (let ((v (vector nil nil)) (i -1)) (push (incf i) (svref v (incf i))) (list (coerce v 'list) i))
 (let ((x (list 1 2 3))) (list (pop x) x))
 (let ((x (list (list 1 2) 3))) (list (pop (car (traced x))) x))
 (let ((x '())) (list (pop x) x))
 (let ((x 1)) (list (incf x) (incf x 2.5) (decf x) x))
 (let ((x (list 1))) (list (incf (car (traced x)) (traced 2)) (decf (car x) (traced 5)) x))
 (let ((v (vector 1 2)) (i -1)) (incf (svref v (incf i)) (incf i 10)) (list (coerce v 'list) i))
 (let ((h (make-hash-table))) (incf (gethash :a h 5)) (push 1 (gethash :b h)) (list (gethash :a h) (gethash :b h)))
 (let ((x most-positive-fixnum)) (= (incf x) (1+ most-positive-fixnum))))

;; DO, DO*, DOLIST, DOTIMES
(both-ways
 (do ((i 0 (1+ i)) (sum 0 (+ sum i))) ((= i 4) (values sum i)) (traced i))
 (do* ((i 0 (1+ i)) (sum 0 (+ sum i))) ((= i 4) (values sum i)) (traced i))
 (do ((x 1) y) (t (list x y)))
 (do () ((traced t)))
 (do ((i 0 (1+ i))) ((= i 3)) (when (= i 1) (return (values :left i))))
 (do ((i 0 (1+ i))) ((= i 3) :end) (go next) (traced :skipped) next (traced i))
 (do ((i 0 (1+ i)) (closures '() (cons (lambda () i) closures))) ((= i 3) (mapcar #'funcall closures)))
 (do ((i 0 (1+ i))) ((= i 2) i) (declare (fixnum i)) (traced i))
 (dolist (x '(1 2 3)) (traced x))
 (dolist (x '(1 2 3) (values x :end)) (traced x))
 (dolist (x '()) (traced x))
 (dolist (x '(1 2 3) :end) (when (= x 2) (return (values :left x))))
 (dolist (x '(1 2 3)) (when (= x 2) (go next)) (traced x) next (traced :next))
 (let ((x '())) (dolist (y '(1 2)) (declare (fixnum y)) (push y x)) x)
 (let ((closures '())) (dolist (x '(1 2 3)) (push (lambda () x) closures)) (mapcar #'funcall closures))
 (dotimes (i 3) (traced i))
 (dotimes (i 3 (values i :end)) (traced i))
 (dotimes (i 0 i) (traced i))
 (dotimes (i -2 i) (traced i))
 (dotimes (i (traced 2) i) (traced i))
 (dotimes (i 5) (when (= i 2) (return (values :left i))))
 (dotimes (i 2 :end) (go next) (traced :skipped) next (traced i)))

;; Definitions give their names
(both-ways
 (list (defun two-ways-function (x) (list x)) (two-ways-function 1))
 (list (defmacro two-ways-macro (x) `(list ,x)) (eval '(two-ways-macro 1)))
 (list (defvar *two-ways-variable* 1) *two-ways-variable*)
 (list (defparameter *two-ways-parameter* (traced 2)) *two-ways-parameter*)
 (list (defconstant +two-ways-constant+ 3) (symbol-value '+two-ways-constant+)))
