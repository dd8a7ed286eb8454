;;; hope: DO-ALL-SYMBOLS tells private symbols
;;; expect: value
;;; contains: NIL
;;; calls:
(let ((found '()))
  (do-all-symbols (symbol found)
    (when (member (symbol-name symbol) '("WIPE" "STORE" "%OPEN-GATES" "%TOOL.INVOKE") :test #'equal)
      (push symbol found))))
