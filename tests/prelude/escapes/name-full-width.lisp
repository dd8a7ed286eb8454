;;; hope: full-width letters are folded by some of the checks only
;;; expect: run
;;; contains: undefined
;;; calls:
(ｍａｉｎｔａｉｎ)
