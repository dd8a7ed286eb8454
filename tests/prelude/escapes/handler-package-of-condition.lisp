;;; hope: a lock's condition hands out the package, which is open then
;;; expect: run
;;; contains: vault
;;; calls:
(funcall (intern "WIPE" (handler-case (intern "WIPE" :vault)
                          (package-error (condition) (package-error-package condition)))))
