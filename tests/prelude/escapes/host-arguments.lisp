;;; hope: the command line tells secrets
;;; expect: value or run
;;; calls:
(when (clysm:argv) (vault:note 1))
