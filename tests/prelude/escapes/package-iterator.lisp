;;; hope: WITH-PACKAGE-ITERATOR tells private symbols
;;; expect: value
;;; contains: NIL
;;; calls:
(let ((found '()))
  (with-package-iterator (next :vault :internal)
    (loop
      (multiple-value-bind (more symbol) (next)
        (unless more (return))
        (when (eq (symbol-package symbol) (find-package :vault))
          (push symbol found)))))
  found)
