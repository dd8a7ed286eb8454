;;; hope: INTERN gives the symbol that FIND-SYMBOL hides
;;; expect: run
;;; contains: vault
;;; calls:
(funcall (intern "WIPE" :vault))
