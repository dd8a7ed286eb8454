;;; hope: another spelling of the name or of the package gets past the lock
;;; expect: value
;;; contains: 0
;;; calls:
(let ((reached 0))
  (dolist (package (list :vault "VAULT" '#:vault (find-package :vault)) reached)
    (dolist (name '("WIPE" "wipe" "Wipe" "STORE" "VAULT::WIPE" "vault::wipe" ":WIPE" "WIPE "))
      (handler-case (progn (funcall (intern name package)) (incf reached))
        (error () nil)))))
