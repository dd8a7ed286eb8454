;;; hope: with another base, names are numbers for some of the checks only
;;; expect: analysis or compile
;;; calls:
(eval-when (:compile-toplevel :load-toplevel :execute) (setq *read-base* 36))
(vault::wipe)
