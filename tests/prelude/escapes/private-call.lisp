;;; hope: a private helper can be called by its full name
;;; expect: analysis
;;; contains: wipe
;;; calls:
(vault::wipe)
