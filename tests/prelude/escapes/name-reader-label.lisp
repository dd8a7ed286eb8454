;;; hope: a label keeps the name away from where it is used
;;; expect: guard
;;; contains: wipe
;;; calls:
(list '#1=vault:maintain (funcall '#1#))
