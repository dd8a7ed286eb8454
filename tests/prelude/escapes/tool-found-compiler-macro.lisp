;;; hope: the compiler macro of CALL-TOOL gives the primitive's name away
;;; expect: run
;;; calls:
(eval (funcall (compiler-macro-function (find-symbol "CALL-TOOL" "CLYSM")) '(call-tool "wipe") nil))
