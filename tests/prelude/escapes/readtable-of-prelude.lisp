;;; hope: reader macros of the program act within READ of the library
;;; expect: run
;;; contains: maintain
;;; calls:
(let ((*readtable* (copy-readtable nil)))
  (set-macro-character #\" (lambda (stream char)
                             (declare (ignore stream char))
                             (funcall (find-symbol "MAINTAIN" :vault))))
  (read-from-string "\"a\""))
