;;; hope: each of very many expansions has a limit of its own
;;; expect: run or compile
;;; calls:
(defmacro doubling (n)
  (if (= n 0) 1 `(list (doubling ,(- n 1)) (doubling ,(- n 1)))))
(doubling 60)
