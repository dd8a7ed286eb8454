;;; hope: a name that is only asked about is free
;;; expect: guard
;;; contains: wipe
;;; calls:
(let ((name 'vault:maintain))
  (clysm:describe-export name)
  (funcall name))
