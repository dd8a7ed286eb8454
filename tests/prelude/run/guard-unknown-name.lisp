;;; expect: guard
;;; contains: no_such_tool
;;; calls:
(clysm:call-tool "no_such_tool")
