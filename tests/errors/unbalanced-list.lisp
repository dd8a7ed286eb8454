;;; The list that begins in line 4 is not closed. What precedes it has happened.
(print :before)

(defun f (x)
  (car (cdr x))
