;;; hope: the reader computes a private name
;;; expect: value
;;; contains: (NIL)
;;; calls:
(list '#.(find-symbol "WIPE" "VAULT"))
