;;; expect: analysis
;;; contains: call-tool
;;; calls:
(defun clysm:call-tool (name &rest arguments) (list name arguments))
