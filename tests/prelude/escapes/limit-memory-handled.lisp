;;; hope: a handler takes the limit for an error, and goes on
;;; expect: run
;;; calls:
(let ((all '()))
  (loop (handler-case (loop (push (make-array 100000) all))
          (t () nil))))
