;;; hope: two colons make an export something else than an export
;;; expect: guard
;;; contains: wipe
;;; calls:
(vault::maintain)
