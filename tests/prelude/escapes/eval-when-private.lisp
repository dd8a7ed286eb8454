;;; hope: at compile time, private names are still there
;;; expect: compile
;;; contains: vault
;;; calls:
(eval-when (:compile-toplevel) (funcall (intern "WIPE" :vault)))
