;;; expect: guard
;;; contains: call
;;; calls:
;; Who has the function can call any tool.
(mapcar #'clysm:call-tool '("get_user"))
