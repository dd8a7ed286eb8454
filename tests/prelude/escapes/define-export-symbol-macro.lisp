;;; hope: a constant becomes a symbol macro
;;; expect: compile or analysis
;;; contains: +version+
;;; calls:
(define-symbol-macro vault:+version+ 4)
