;;; hope: what a slot begins with does not count
;;; expect: guard
;;; contains: wipe
;;; calls:
(defstruct mine (slot (vault:maintain)))
(make-mine)
