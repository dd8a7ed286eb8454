;;; hope: a keyword of the same name is as good
;;; expect: run
;;; contains: undefined
;;; calls:
(funcall :maintain)
