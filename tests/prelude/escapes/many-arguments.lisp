;;; hope: thousands of arguments find a way around the count
;;; expect: run
;;; contains: 10000
;;; calls:
(apply #'vault:note (make-list 10000 :initial-element 1))
