;;; hope: DESCRIBE tells what a draft is made of, with symbols that can be called
;;; expect: value
;;; contains: T
;;; calls:
(stringp (with-output-to-string (*standard-output*) (describe vault:*sample*)))
