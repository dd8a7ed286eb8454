;;; A throw without its catch.
(defun leave (tag)
  (throw tag 1))

(print (handler-case (leave 'nowhere) (control-error () :control-error)))
(leave 'nowhere)
