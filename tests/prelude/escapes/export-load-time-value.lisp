;;; hope: what is evaluated when the module is loaded does not count
;;; expect: guard
;;; contains: wipe
;;; calls:
(list (load-time-value (vault:maintain)))
