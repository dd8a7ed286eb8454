;;; hope: a string that is a part of another changes with that after it was checked
;;; expect: value
;;; contains: "abc"
;;; calls: add_note=1
(let* ((base (copy-seq "abcdef"))
       (text (make-array 3 :element-type 'character :displaced-to base))
       (draft (vault:draft text)))
  (fill base #\x)
  (getf (vault:submit draft) :text))
