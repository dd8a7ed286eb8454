;;; More arguments than CALL-ARGUMENTS-LIMIT allows.
(print 1)
(defmacro ones (n) `(+ ,@(make-list n :initial-element 1)))
(print (ones 8191))
(print (ones 8192))
