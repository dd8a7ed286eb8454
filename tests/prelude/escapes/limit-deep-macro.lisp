;;; hope: a macro that expands into itself uses up the compiler's stack
;;; expect: compile or run
;;; calls:
(defmacro deeper (n) `(list (deeper ,(+ n 1))))
(deeper 0)
