;;; hope: FIND-ALL-SYMBOLS tells private symbols
;;; expect: value
;;; contains: NIL
;;; calls:
(append (find-all-symbols "WIPE") (find-all-symbols "%OPEN-GATES"))
