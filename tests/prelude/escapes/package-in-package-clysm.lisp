;;; hope: in the library's package, the gates can be opened
;;; expect: analysis
;;; contains: clysm
;;; calls:
(in-package :clysm)
(%open-gates '(vault:note))
