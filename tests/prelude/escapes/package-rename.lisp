;;; hope: a package of another name is not protected
;;; expect: analysis
;;; contains: vault
;;; calls:
(rename-package :vault :other)
(funcall (intern "WIPE" :other))
