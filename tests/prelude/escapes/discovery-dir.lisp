;;; hope: what discovery tells may be called
;;; expect: value
;;; contains: NIL
;;; calls:
(let ((reached '()))
  (dolist (symbol (clysm:dir :vault) reached)
    (unless (boundp symbol)
      (handler-case (progn (funcall symbol) (push symbol reached))
        (error () nil)))))
