;;; hope: a constant is harmless, whatever its value is
;;; expect: guard
;;; contains: wipe
;;; calls:
(funcall vault:*janitor*)
