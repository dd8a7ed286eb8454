;;; hope: the evaluator binds what the compiler would not
;;; expect: run
;;; contains: vault
;;; calls:
(list #'vault:add
      (eval (read-from-string "(let ((vault::*limit* 1000)) (vault:add \"a text that is much longer than a note may be\"))")))
