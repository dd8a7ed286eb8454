;;; hope: only calls count
;;; expect: guard
;;; contains: wipe
;;; calls:
(mapc #'funcall (list #'vault:maintain))
