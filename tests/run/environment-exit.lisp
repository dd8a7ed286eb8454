;;; CLYSM:EXIT runs cleanup forms and hands output over before the program ends.

(defun leave ()
  (unwind-protect (clysm:exit 0)
    (write-string "cleaned up")))

(write-line (if (every #'stringp (clysm:argv)) "arguments" "no arguments"))
(print (clysm:getenv "CLYSM_TEST_NO_SUCH_VARIABLE"))
(terpri)
(leave)
(write-line "not reached")
