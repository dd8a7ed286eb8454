;;; Recursion without end.
(defun deeper (n)
  (1+ (deeper (1+ n))))

(print :before)
(finish-output)
(deeper 0)
