;;; hope: to call a constant is to call its value
;;; expect: guard
;;; contains: wipe
;;; calls:
(funcall (vault:*janitor*))
