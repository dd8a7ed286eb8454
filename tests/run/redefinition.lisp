;;;; A function that a file defines twice: each definition holds from where it stands on (CLHS 3.2.2.3 leaves it open).

(defun show (&rest values) (prin1 values) (terpri))

(defun recursive (n) (if (= n 0) :first (recursive (- n 1))))
(show (recursive 3))
(defun recursive (n) (if (= n 0) :second (recursive (- n 1))))
(show (recursive 3))
(defun recursive (n) "The third." (list n))
(show (recursive 3) (documentation 'recursive 'function))
