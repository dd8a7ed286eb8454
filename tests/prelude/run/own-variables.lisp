;;; expect: value
;;; contains: (1 2 1 3)
;;; calls:
(defvar *depth* 1)
(list *depth*
      (let ((*depth* 2)) *depth*)
      *depth*
      (progn (setf (symbol-value '*depth*) 3) *depth*))
