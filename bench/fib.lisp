;;; Doubly recursive Fibonacci numbers, without declarations.
(defun fib (n)
  (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))

(defun bench () (fib 35))
