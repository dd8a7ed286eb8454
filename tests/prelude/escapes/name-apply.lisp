;;; hope: APPLY of a computed symbol is not seen
;;; expect: run
;;; contains: maintain
;;; calls:
(apply (find-symbol (format nil "~A~A" "MAIN" "TAIN") (find-package "VAULT")) '())
