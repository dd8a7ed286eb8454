;;; hope: the prelude's check calls a function of the program
;;; expect: analysis
;;; contains: length
;;; calls:
(defun length (sequence) (declare (ignore sequence)) 0)
(vault:add "a text that is much longer than a note may be")
