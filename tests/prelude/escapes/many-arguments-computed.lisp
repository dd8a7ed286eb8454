;;; hope: thousands of arguments use up the stack in the gate
;;; expect: run
;;; calls:
(apply (find-symbol "MAINTAIN" :vault) (make-list 1000000))
