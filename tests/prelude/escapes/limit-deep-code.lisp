;;; hope: code that is nested deeply uses up the compiler's stack
;;; expect: compile
;;; calls:
#.(let ((form 1)) (dotimes (i 100000 form) (setq form (list 'progn form))))
