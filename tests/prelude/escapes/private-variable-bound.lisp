;;; hope: the limit can be raised for a while
;;; expect: analysis
;;; contains: *limit*
;;; calls:
(let ((vault::*limit* 1000))
  (vault:add "a text that is much longer than a note may be"))
