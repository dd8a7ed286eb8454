;;; hope: the host folds case, and the guard does not
;;; expect: guard
;;; contains: WIPE
;;; calls:
(clysm:call-tool "WIPE")
