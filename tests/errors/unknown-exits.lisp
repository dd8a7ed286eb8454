;;; Exits to blocks that are not there.
(print :before)
(defun f (x)
  (return-from g x))
