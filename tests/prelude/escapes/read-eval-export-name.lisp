;;; hope: a name that the reader computes is not in the text
;;; expect: guard
;;; contains: wipe
;;; calls:
(#.(find-symbol "MAINTAIN" "VAULT"))
