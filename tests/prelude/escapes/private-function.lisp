;;; hope: only calls are checked
;;; expect: analysis
;;; contains: store
;;; calls:
(mapcar #'vault::store '("a text that is much longer than a note may be"))
