;;; hope: a macro takes primitives out of an expansion and puts them into the program
;;; expect: compile or analysis or run
;;; calls:
(defmacro poke (value)
  (labels ((find-named (name form)
             (cond ((consp form) (or (find-named name (car form)) (find-named name (cdr form))))
                   ((and (symbolp form) (string= (symbol-name form) name)) form))))
    (let* ((form (list (macroexpand '(defstruct mine text)) (macroexpand '(incf (svref v 0))) (macroexpand '(setf (car x) 1))))
           (set (find-named "%ARRAY-SET" form))
           (instance (find-named "INSTANCE" form)))
      (list set instance 'vault:*sample* 2 value))))
(poke "a text that is much longer than a note may be")
(vault:submit vault:*sample*)
