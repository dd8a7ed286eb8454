;;; hope: a call of a tool that is not expanded is not seen
;;; expect: guard
;;; calls:
(defun clean ()
  (declare (notinline clysm:call-tool))
  (clysm:call-tool "wipe"))
(clean)
