;;; hope: what others read about an export can be changed
;;; expect: value
;;; contains: ("vault/note" "The note with that id.")
;;; calls:
(let ((record (clysm:export-metadata 'vault:note)))
  (fill (getf record :ref) #\x)
  (fill (getf record :doc) #\x)
  (setf (getf record :effect) :read))
(let ((record (clysm:export-metadata 'vault:note)))
  (list (getf record :ref) (getf record :doc)))
