;;; More work than it was given fuel for.
(defun count-up (n)
  (loop repeat n count t))

(print (count-up 10))
(finish-output)
(count-up 1000000000)
