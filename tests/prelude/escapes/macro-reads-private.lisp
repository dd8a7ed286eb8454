;;; hope: a macro can read private names
;;; expect: compile
;;; contains: vault
;;; calls:
(defmacro clean () (read-from-string "(vault::wipe)"))
(clean)
