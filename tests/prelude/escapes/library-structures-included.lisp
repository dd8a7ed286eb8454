;;; hope: a structure of the program that includes one of the library's is taken for one, with slots that hold anything
;;; expect: value
;;; contains: NIL
;;; calls:
(let ((included '()))
  (dolist (name '(package hash-table readtable random-state restart pathname stream) included)
    (handler-case (progn (eval `(defstruct (,(gensym "FAKE") (:include ,name))))
                         (push name included))
      (error () nil))))
