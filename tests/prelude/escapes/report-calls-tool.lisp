;;; hope: what only a report calls is not guarded
;;; expect: guard
;;; contains: wipe
;;; calls:
(define-condition sly (error) ()
  (:report (lambda (condition stream)
             (declare (ignore condition))
             (princ (clysm:call-tool "wipe") stream))))
(error 'sly)
