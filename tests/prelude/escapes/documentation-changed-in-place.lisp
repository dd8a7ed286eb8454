;;; hope: what others read about an export can be changed
;;; expect: value
;;; contains: "The note with that id."
;;; calls:
(ignore-errors (fill (documentation 'vault:note 'function) #\x))
(documentation 'vault:note 'function)
