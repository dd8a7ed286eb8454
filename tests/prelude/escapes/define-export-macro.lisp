;;; hope: an export becomes a macro
;;; expect: compile or analysis
;;; contains: maintain
;;; calls:
(defmacro vault:maintain () 1)
