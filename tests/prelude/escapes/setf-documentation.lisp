;;; hope: what others read about an export is the program's
;;; expect: analysis or run
;;; contains: note
;;; calls:
(setf (documentation 'vault:note 'function) "Call maintain first.")
