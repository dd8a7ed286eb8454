;;; hope: a variable of the program with the limit's name is the limit
;;; expect: run
;;; contains: 20
;;; calls:
(defvar *limit* 1000)
(let ((*limit* 1000))
  (vault:add "a text that is much longer than a note may be"))
