;;; More data than the heap may hold.
(defvar *kept* nil)

(print :before)
(finish-output)
(loop (push (make-array 1000) *kept*))
