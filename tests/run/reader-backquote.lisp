;;; Backquote (CLHS 2.4.6), by the values of the forms read; the nested ones are evaluated twice.
(setq *print-pretty* nil)
(defparameter x 5)
(defparameter l '(1 2 3))
(defparameter y '(p q))
(defparameter p '(1))
(defparameter q '(2))
(defun c (x) (list 'c x))
(dolist (string '("`(a ,x)"
                  "`(a ,@l b)"
                  "`(a ,@l)"
                  "`(,@l)"
                  "`,x"
                  "`(a . ,x)"
                  "`(,x . ,l)"
                  "`#(a ,x ,@l)"
                  "`(a (b ,x) ,@l (c . d))"
                  "`a"
                  "`5"
                  "`()"
                  "`(a `(b ,(c ,x)))"
                  "`(a `(b ,',x))"
                  "`(,@l . ,x)"
                  "`(a ,.(list 1 2) b)"
                  "`(1 2 3)"
                  "`(1 ,x 3 4)"
                  "`((,x) (,@l) b)"
                  "``(a ,,x)"
                  "``(a ,,@l)"
                  "``(a ,@,@y)"
                  "``(,@,@y)"
                  "`(a ,@l ,@l)"
                  "`(,@l ,x ,@l 7 . z)"
                  "``(,@',l)"
                  "`#()"
                  "`(a #(b ,x))"
                  "`(quote ,x)"
                  "`',x"
                  "`#'(lambda () ,x)"
                  "`(,x ,x . #(1 ,x))"))
  (let ((value (eval (read-from-string string))))
    (when (search "``" string) (setq value (handler-case (eval value) (error () :error))))
    (when (and (consp value) (search "`(b" string)) (setq value (eval (second value))))
    (prin1 value)
    (terpri)))
(prin1 (macroexpand-1 '(when a b c)))
(terpri)
