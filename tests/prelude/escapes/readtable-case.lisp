;;; hope: with the case preserved, names are others than those that are checked
;;; expect: guard
;;; contains: wipe
;;; calls:
(EVAL-WHEN (:COMPILE-TOPLEVEL :LOAD-TOPLEVEL :EXECUTE)
  (SETQ *READTABLE* (COPY-READTABLE NIL))
  (SETF (READTABLE-CASE *READTABLE*) :PRESERVE))
(VAULT:MAINTAIN)
