;;; hope: symbols are never given back
;;; expect: value or run
;;; calls:
(dotimes (i 100000000) (intern (format nil "S~D" i)))
1
