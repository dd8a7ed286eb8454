;;; hope: what is evaluated at compile time calls the tool while nothing is checked yet
;;; expect: compile
;;; contains: wipe
;;; calls:
(eval-when (:compile-toplevel) (clysm:call-tool "wipe"))
