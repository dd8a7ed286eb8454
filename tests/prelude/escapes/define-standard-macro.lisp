;;; hope: a macro of the standard is another for what comes later
;;; expect: compile or analysis
;;; contains: unless
;;; calls:
(defmacro unless (test &body body) (declare (ignore test)) `(progn ,@body))
(vault:add "a")
