;;; hope: the structure's name is a sequence type, or anything else that makes objects
;;; expect: value
;;; contains: NIL
;;; calls:
(let ((type (type-of vault:*sample*)) (text "a text that is much longer than a note may be"))
  (dolist (make (list (lambda () (make-sequence type 1 :initial-element text))
                      (lambda () (coerce (list text) type))
                      (lambda () (concatenate type (list text)))
                      (lambda () (map type #'identity (list text)))
                      (lambda () (make-condition type :text text))))
    (handler-case (vault:submit (funcall make))
      (error () nil))))
