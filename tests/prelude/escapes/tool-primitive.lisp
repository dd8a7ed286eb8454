;;; hope: the primitive is not guarded
;;; expect: analysis
;;; contains: %tool.invoke
;;; calls:
(clysm::%tool.invoke "wipe" (clysm::%tool-arguments (list)))
