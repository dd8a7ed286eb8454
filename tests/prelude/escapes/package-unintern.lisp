;;; hope: an export without a package can be defined anew
;;; expect: analysis
;;; contains: vault
;;; calls:
(let ((symbol (find-symbol "NOTE" :vault)))
  (unintern symbol :vault)
  (import symbol)
  (setf (fdefinition symbol) #'identity))
