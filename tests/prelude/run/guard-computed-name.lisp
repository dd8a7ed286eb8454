;;; expect: guard
;;; contains: call
;;; calls:
(defun tool (name) (clysm:call-tool name :id 1))
(tool "get_user")
