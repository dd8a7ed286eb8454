;;; hope: the prelude's package can be given another symbol of an export's name
;;; expect: analysis
;;; contains: vault
;;; calls:
(shadowing-import (list (make-symbol "NOTE")) :vault)
