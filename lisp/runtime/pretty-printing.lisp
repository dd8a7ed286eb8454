;;;; The pretty printer's interface (CLHS 22.2, 22.4), which is not there yet: each operator says so when it is called.
;;;; *PRINT-PRETTY* may be true; objects then print as if it were false.

(in-package :clysm)

(defmacro %define-unsupported (&rest names)
  `(progn
     ,@(mapcar (lambda (name)
                 `(defun ,name (&rest arguments)
                    (declare (ignore arguments))
                    (%not-yet-supported ,(symbol-name name))))
               names)))

(%define-unsupported pprint-newline pprint-indent pprint-tab pprint-fill pprint-linear pprint-tabular
                     pprint-dispatch set-pprint-dispatch copy-pprint-dispatch)

(defmacro pprint-logical-block ((stream object &key prefix per-line-prefix suffix) &body body)
  (declare (ignore stream object prefix per-line-prefix suffix body))
  '(%not-yet-supported "PPRINT-LOGICAL-BLOCK"))

(defmacro pprint-pop ()
  (%program-error "PPRINT-POP is used outside of PPRINT-LOGICAL-BLOCK."))

(defmacro pprint-exit-if-list-exhausted ()
  (%program-error "PPRINT-EXIT-IF-LIST-EXHAUSTED is used outside of PPRINT-LOGICAL-BLOCK."))
