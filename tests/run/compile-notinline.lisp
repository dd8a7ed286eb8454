;; COMPILE expands compiler macros but where NOTINLINE forbids it; for load as source only: elsewhere COMPILE evaluates.

(defun twice (x) (* 2 x))
(define-compiler-macro twice (x) `(list :expanded ,x))
(defmacro expanding (x) `(list :macro ,x))
(define-compiler-macro expanding (x) `(list :compiler-macro ,x))

(print (funcall (compile nil '(lambda (a) (twice a))) 21))
(print (funcall (compile nil '(lambda (a) (declare (notinline twice)) (twice a))) 21))
(print (funcall (compile nil '(lambda (a) (expanding a))) 21))
(print (funcall (compile nil '(lambda (a) (declare (notinline expanding)) (expanding a))) 21))
(terpri)
