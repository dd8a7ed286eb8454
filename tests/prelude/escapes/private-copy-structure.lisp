;;; hope: a copy of a draft is something else than a draft
;;; expect: value
;;; contains: "sample"
;;; calls:
(vault:draft-text (copy-structure vault:*sample*))
