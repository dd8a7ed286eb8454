;;; hope: an export that is there may be called
;;; expect: guard
;;; contains: wipe
;;; contains: maintain
;;; calls:
(vault:maintain)
