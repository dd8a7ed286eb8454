;;; hope: only calls are checked
;;; expect: analysis
;;; contains: wipe
;;; calls:
(funcall 'vault::wipe)
