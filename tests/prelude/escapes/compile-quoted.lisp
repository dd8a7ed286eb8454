;;; hope: COMPILE makes code that nobody has looked at
;;; expect: guard
;;; contains: wipe
;;; calls:
(funcall (compile nil '(lambda () (vault:maintain))))
