;;; hope: a restart function that is only mentioned does not count
;;; expect: guard
;;; contains: wipe
;;; calls:
(restart-bind ((clean #'vault:maintain)) (invoke-restart 'clean))
