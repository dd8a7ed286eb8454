;;; hope: a symbol in lower case is not protected
;;; expect: run
;;; contains: vault
;;; calls:
(funcall (intern "wipe" :vault))
