;;; hope: an export becomes a place
;;; expect: compile or analysis
;;; contains: note
;;; calls:
(define-setf-expander vault:note (id)
  (values '() '() '(value) `(list ,id value) `(list ,id)))
