;;; hope: the string that is the package's name can be changed
;;; expect: value
;;; contains: "VAULT"
;;; calls:
(let ((package (find-package :vault)))
  (ignore-errors (setf (char (package-name package) 0) #\X))
  (package-name package))
