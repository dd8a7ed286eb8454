;;; expect: value
;;; contains:
;;; calls:
