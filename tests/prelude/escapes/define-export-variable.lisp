;;; hope: a constant gets another value
;;; expect: analysis
;;; contains: *sample*
;;; calls:
(defparameter vault:*sample* 1)
