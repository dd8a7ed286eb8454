;;; hope: what others read about an export is the program's
;;; expect: run
;;; contains: note
;;; calls:
(setf (documentation (find-symbol "NOTE" :vault) 'function) "Call maintain first.")
