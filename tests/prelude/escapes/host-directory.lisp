;;; hope: what files there are can be found out
;;; expect: value or run
;;; calls:
(when (directory "/etc/*") (vault:note 1))
