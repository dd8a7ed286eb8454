;;; hope: without its package, the library finds other functions
;;; expect: analysis
;;; contains: clysm
;;; calls:
(rename-package :clysm :other)
(funcall (intern "%OPEN-GATES" :other) (list (find-symbol "MAINTAIN" :vault)))
