;;; hope: a constant gets another value
;;; expect: analysis or run
;;; contains: *sample*
;;; calls:
(setf (symbol-value 'vault:*sample*) 1)
