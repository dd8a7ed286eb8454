;;; hope: a control string that is put together may name what the program may not
;;; expect: run
;;; calls:
(format nil (concatenate 'string "~/vault::" "wipe/") 1)
