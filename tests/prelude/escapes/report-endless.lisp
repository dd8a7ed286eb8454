;;; hope: the host waits for a report that does not end
;;; expect: run
;;; calls:
(define-condition sly (error) ()
  (:report (lambda (condition stream) (declare (ignore condition stream)) (loop))))
(error 'sly)
