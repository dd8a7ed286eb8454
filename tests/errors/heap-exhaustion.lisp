;;; More data than the heap may hold.
(defvar *kept* nil)

(print :before)
(finish-output)
(loop (push 1 *kept*))
