;;; hope: an import makes a private symbol the program's own
;;; expect: run
;;; contains: undefined
;;; calls:
(eval-when (:compile-toplevel :load-toplevel :execute)
  (import (find-symbol "WIPE" :vault)))
(wipe)
