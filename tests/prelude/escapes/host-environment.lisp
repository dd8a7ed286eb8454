;;; hope: the environment tells secrets
;;; expect: value or run
;;; calls:
(when (clysm:getenv "PATH") (vault:note 1))
