;;; hope: a constant has another value for a while
;;; expect: analysis
;;; contains: *sample*
;;; calls:
(let ((vault:*sample* 1)) (vault:note vault:*sample*))
