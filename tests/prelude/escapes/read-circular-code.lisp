;;; hope: code that holds itself is analysed for ever
;;; expect: compile
;;; calls:
#1=(progn #1#)
