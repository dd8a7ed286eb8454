;;; hope: the text of a draft can be changed in place
;;; expect: value
;;; contains: "sample"
;;; calls:
(let ((text (vault:draft-text vault:*sample*)))
  (fill text #\x)
  (vault:draft-text vault:*sample*))
