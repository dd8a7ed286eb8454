;;; hope: the expansion of DEFSTRUCT holds primitives, with which EVAL writes into any structure
;;; expect: run
;;; calls:
(defun find-named (name form)
  (cond ((consp form) (or (find-named name (car form)) (find-named name (cdr form))))
        ((and (symbolp form) (string= (symbol-name form) name)) form)))
(let* ((form (macroexpand '(defstruct mine text)))
       (set (find-named "%ARRAY-SET" form))
       (instance (find-named "INSTANCE" form)))
  (eval (list set instance vault:*sample* 2 "a text that is much longer than a note may be"))
  (vault:submit vault:*sample*))
