;;; hope: a private helper can be called like an export
;;; expect: analysis
;;; contains: wipe
;;; calls:
(vault:wipe)
