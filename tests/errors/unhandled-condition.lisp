;;; A condition of the program's own.
(define-condition out-of-tea (error)
  ((cups :initarg :cups))
  (:report (lambda (condition stream)
             (format stream "no tea for ~D cups" (slot-value condition 'cups)))))

(defun brew (cups)
  (error 'out-of-tea :cups cups))

(print :before)
(brew 3)
