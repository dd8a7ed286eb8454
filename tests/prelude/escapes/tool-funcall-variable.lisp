;;; hope: a variable hides the function
;;; expect: guard
;;; contains: call
;;; calls:
(let ((function 'clysm:call-tool)) (funcall function "wipe"))
