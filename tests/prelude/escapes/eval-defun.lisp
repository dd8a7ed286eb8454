;;; hope: a function that EVAL defines is not the program's
;;; expect: run
;;; contains: maintain
;;; calls:
(eval `(defun helper () (,(find-symbol "MAINTAIN" :vault))))
(funcall 'helper)
