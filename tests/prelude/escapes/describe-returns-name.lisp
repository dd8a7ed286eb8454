;;; hope: a discovery form gives its argument back
;;; expect: run
;;; calls:
(funcall (or (clysm:describe-export 'vault:maintain)
             (describe 'vault:maintain)
             (first (last (clysm:dir :vault)))))
