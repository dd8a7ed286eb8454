;;; hope: recursion uses up the host's stack
;;; expect: run
;;; contains: stack
;;; calls:
(defun deeper (n) (+ 1 (deeper n)))
(deeper 0)
