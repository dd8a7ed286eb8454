;;; hope: a symbol macro hides the call
;;; expect: guard
;;; contains: wipe
;;; calls:
(symbol-macrolet ((now (vault:maintain)))
  (list now))
