;;; expect: analysis
;;; contains: %tool.invoke
;;; calls:
(clysm::%tool.invoke "get_user" nil)
