;;; hope: code is small here and larger than any memory in the compiler
;;; expect: compile or run
;;; calls:
(defmacro doubled (n)
  (let ((form 1))
    (dotimes (i n form) (setq form (list 'list form form)))))
(doubled 60)
