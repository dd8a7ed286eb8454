;;; hope: constants are not looked into
;;; expect: analysis
;;; contains: wipe
;;; calls:
(funcall (aref #(#(vault::wipe)) 0))
