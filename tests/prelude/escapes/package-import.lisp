;;; hope: an imported symbol is the program's own
;;; expect: run
;;; contains: maintain
;;; calls:
(shadowing-import (list (find-symbol "MAINTAIN" :vault)))
(eval (read-from-string "(maintain)"))
