;;; hope: the primitive for all names is not guarded
;;; expect: analysis
;;; contains: %call.tool
;;; calls:
(clysm::%call.tool (clysm::%name-octets "wipe") (clysm::%tool-arguments (list)))
