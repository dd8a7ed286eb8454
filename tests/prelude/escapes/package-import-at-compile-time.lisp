;;; hope: an imported symbol is the program's own for the checks
;;; expect: guard
;;; contains: wipe
;;; calls:
(eval-when (:compile-toplevel :load-toplevel :execute)
  (import (find-symbol "MAINTAIN" :vault)))
(maintain)
