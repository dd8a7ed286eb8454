;;; hope: APROPOS-LIST tells private symbols
;;; expect: value
;;; contains: (NIL NIL NIL)
;;; calls:
(mapcar #'apropos-list '("WIPE" "%OPEN-GATE" "%TOOL.INVOKE"))
