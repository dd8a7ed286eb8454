;;; hope: a constant with the same value is the program's then
;;; expect: analysis
;;; contains: +version+
;;; calls:
(defconstant vault:+version+ 3)
