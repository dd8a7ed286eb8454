;;; hope: a string that grows after it was checked is added as it is then
;;; expect: value
;;; contains: "abc"
;;; calls: add_note=1
(let* ((text (make-array 3 :element-type 'character :fill-pointer 3 :adjustable t :initial-contents "abc"))
       (draft (vault:draft text)))
  (dotimes (i 50) (vector-push-extend #\x text))
  (getf (vault:submit draft) :text))
