;;; CLOS is not there yet.
(print :before)
(defclass point () (x y))
