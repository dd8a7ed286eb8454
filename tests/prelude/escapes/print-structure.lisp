;;; hope: a function that prints is called with the host's rights
;;; expect: run
;;; calls:
(defstruct (sly (:print-function (lambda (object stream depth)
                                   (declare (ignore object depth))
                                   (princ (funcall (find-symbol "MAINTAIN" :vault)) stream))))
  slot)
(error "~A" (make-sly))
