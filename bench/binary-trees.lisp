;;; Complete binary trees are made, walked and dropped.
(defun make-tree (depth)
  (if (zerop depth)
      (cons nil nil)
      (cons (make-tree (1- depth)) (make-tree (1- depth)))))

(defun check-tree (tree)
  (if (null (car tree))
      1
      (+ 1 (check-tree (car tree)) (check-tree (cdr tree)))))

(defun bench ()
  (let ((kept (make-tree 16)) (sum 0))
    (do ((depth 4 (+ depth 4)))
        ((> depth 16))
      (dotimes (i (ash 1 (- 20 depth)))
        (incf sum (check-tree (make-tree depth)))))
    (+ sum (check-tree kept))))
