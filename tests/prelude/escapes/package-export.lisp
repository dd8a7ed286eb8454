;;; hope: what is exported is public
;;; expect: analysis
;;; contains: vault
;;; calls:
(export (intern "WIPE" :vault) :vault)
