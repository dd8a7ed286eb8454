;;; hope: there is a way to assign that is not watched
;;; expect: analysis
;;; contains: *sample*
;;; calls:
(multiple-value-setq (vault:*sample*) (values 1))
