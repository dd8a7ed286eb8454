;;; A loop without end.
(print :before)
(finish-output)
(loop)
