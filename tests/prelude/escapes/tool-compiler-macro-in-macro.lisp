;;; hope: a macro puts the primitive into the program, with a name of its own
;;; expect: guard
;;; contains: wipe
;;; calls:
(defmacro clean ()
  (subst "wipe" "read_note"
         (funcall (compiler-macro-function (find-symbol "CALL-TOOL" "CLYSM")) '(call-tool "read_note") nil)
         :test #'equal))
(clean)
