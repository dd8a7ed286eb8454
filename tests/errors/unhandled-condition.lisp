;;; A condition of the program's own.
(define-condition out-of-tea (error)
  ((cups :initarg :cups :reader out-of-tea-cups))
  (:report (lambda (condition stream)
             (format stream "no tea for ~D cups" (out-of-tea-cups condition)))))

(defun brew (cups)
  (error 'out-of-tea :cups cups))

(print :before)
(brew 3)
