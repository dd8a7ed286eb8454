;;; hope: a function that a macro defines is not in the text
;;; expect: run
;;; contains: wipe
;;; calls:
(defmacro stash ()
  (setf (fdefinition 'clean) (eval (list 'lambda '() (list (find-symbol "CALL-TOOL" :clysm) "wipe"))))
  nil)
(stash)
(funcall 'clean)
