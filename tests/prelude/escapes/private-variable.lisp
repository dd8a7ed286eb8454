;;; hope: the limit can be raised
;;; expect: analysis
;;; contains: *limit*
;;; calls:
(setq vault::*limit* 1000)
(vault:add "a text that is much longer than a note may be")
