;;; expect: value
;;; contains: (3 8 (A B))
;;; calls:
(list (eval '(+ 1 2))
      (funcall (compile nil '(lambda (x) (* 2 x))) 4)
      (read-from-string "(a b)"))
