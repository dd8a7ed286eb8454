;;; hope: the report of an error that nobody handles is made with the host's rights
;;; expect: run
;;; calls:
(define-condition sly (error) ()
  (:report (lambda (condition stream)
             (declare (ignore condition))
             (princ (funcall (find-symbol "MAINTAIN" :vault)) stream))))
(error 'sly)
