;;; A token of dots only.
(print '(a ... b))
