;;; hope: MAPHASH calls the export for the program
;;; expect: run
;;; contains: add
;;; calls:
(let ((table (make-hash-table)))
  (setf (gethash "a" table) "b")
  (maphash (find-symbol "ADD" :vault) table))
