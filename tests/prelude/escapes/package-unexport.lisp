;;; hope: an export that is none any more is not guarded
;;; expect: analysis
;;; contains: vault
;;; calls:
(unexport (find-symbol "MAINTAIN" :vault) :vault)
