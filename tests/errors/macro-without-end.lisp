;;; A macro that expands into a call of itself, at toplevel and within a function.
(print 1)
(defmacro again () '(again))
(defmacro deeper (n) `(list (deeper ,n)))
(defun f () (deeper 1))
(print 2)
(again)
