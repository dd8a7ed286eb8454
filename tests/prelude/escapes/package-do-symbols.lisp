;;; hope: DO-SYMBOLS tells private symbols
;;; expect: value
;;; contains: NIL
;;; calls:
(let ((found '()))
  (do-symbols (symbol :vault found)
    (when (member (symbol-name symbol) '("WIPE" "STORE" "*LIMIT*") :test #'equal)
      (push symbol found))))
