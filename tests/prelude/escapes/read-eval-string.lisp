;;; hope: the reader evaluates what a string says
;;; expect: run
;;; contains: maintain
;;; calls:
(read-from-string "#.(vault:maintain)")
