;;; hope: what is behind a fill pointer is added too
;;; expect: value
;;; contains: "abc"
;;; calls: add_note=1
(let ((text (make-array 60 :element-type 'character :initial-element #\x :fill-pointer 60)))
  (replace text "abc")
  (setf (fill-pointer text) 3)
  (getf (vault:add text) :text))
