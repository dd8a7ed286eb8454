;;; hope: a constant that holds itself is analysed for ever
;;; expect: value
;;; contains: A
;;; calls:
(car '#1=(a . #1#))
