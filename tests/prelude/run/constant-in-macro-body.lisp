;;; expect: value
;;; contains: 26
;;; calls:
;; Constants are there while the program is compiled.
(defmacro more () (+ 1 crm:page-size))
(more)
