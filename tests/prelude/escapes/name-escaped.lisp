;;; hope: escapes in the name hide it from the checks
;;; expect: analysis
;;; contains: wipe
;;; calls:
(vault::w\Ip|E|)
