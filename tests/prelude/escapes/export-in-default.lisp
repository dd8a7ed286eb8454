;;; hope: default arguments do not count
;;; expect: guard
;;; contains: wipe
;;; calls:
(defun f (&key (x (vault:maintain))) x)
(f)
