;;; hope: the host runs out of memory
;;; expect: run
;;; contains: heap
;;; calls:
(let ((all '())) (loop (push (make-array 100000) all)))
