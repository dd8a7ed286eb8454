;;; hope: a report that fails takes the host with it
;;; expect: run
;;; calls:
(define-condition sly (error) ()
  (:report (lambda (condition stream) (declare (ignore stream)) (error condition))))
(error 'sly)
