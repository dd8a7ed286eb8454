;;; expect: run
;;; contains: no-such-function
;;; calls:
;; What the program itself does not define is its own affair.
(no-such-function 1)
