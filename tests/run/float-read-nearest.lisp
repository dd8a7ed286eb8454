;;; Decimal floats are read as the nearest float, ties to even (CLHS 2.3.1).
(setq *print-pretty* nil)
(defmacro show (&rest forms)
  `(progn ,@(mapcar (lambda (form)
                      `(progn (prin1 (quote ,form)) (princ " => ") (prin1 (multiple-value-list ,form)) (terpri)))
                    forms)))
(defmacro signals (condition &rest forms)
  `(progn ,@(mapcar (lambda (form)
                      `(progn (prin1 (quote ,form)) (princ " signals ")
                              (princ (handler-case (progn ,form nil) (,condition () t))) (terpri)))
                    forms)))

(dolist (text '("1.0" "0.1" "0.1d0" "1e10" "1d-5" "123456789.123456789d0" "9007199254740993d0" "9007199254740993.0000000001d0" "9007199254740992.9999999d0" "2.2250738585072011d-308"
                "1.7976931348623157d308" "1.7976931348623158d308" "179769313486231580793d288" "4.9406564584124654d-324" "16777217.0" "16777217.0000001" "16777219.0" "33554434.999" "1.17549435e-38" "3.4028235e38"
                "8.589973e9" "5.0e-1" "-0.0" "-1.5d0" "+2.5" ".5" "1.s0" "1f0" "1l0" "1.5s2" "0.000000000000000000000000000000000000000000001d45" "100000000000000000000000000000000000000000d-41"
                "2.4703282292062328d-324" "7.0065e-46" "1.00000005960464477539062500001" "1.000000059604644775390625" "1.00000017881393432617187500001" "6.631236846766476d-316"))
  (let ((x (read-from-string text)))
    (princ text) (princ " ") (prin1 (multiple-value-list (integer-decode-float x))) (princ " ") (prin1 (type-of x)) (terpri)))
