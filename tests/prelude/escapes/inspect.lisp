;;; hope: INSPECT is a way in
;;; expect: value or run
;;; calls:
(inspect vault:*sample*)
1
