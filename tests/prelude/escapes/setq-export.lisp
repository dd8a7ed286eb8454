;;; hope: a constant gets another value
;;; expect: analysis
;;; contains: *sample*
;;; calls:
(setq vault:*sample* 1)
