;;; hope: with *PACKAGE* bound, the library's own functions need no prefix
;;; expect: run
;;; contains: clysm
;;; calls:
(funcall (let ((*package* (find-package :clysm))) (read-from-string "%open-gates"))
         (list (find-symbol "MAINTAIN" :vault)))
