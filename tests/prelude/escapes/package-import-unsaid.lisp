;;; hope: the image knows of an import that the compiler did not hear of
;;; expect: guard or compile
;;; calls:
(defmacro alias ()
  (shadowing-import (list (find-symbol "MAINTAIN" :vault)) :common-lisp-user)
  nil)
(alias)
(maintain)
