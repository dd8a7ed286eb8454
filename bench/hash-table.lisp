;;; A million entries are put into an EQL hash table and got from it.
(defun bench ()
  (let ((table (make-hash-table)) (sum 0))
    (dotimes (i 1000000)
      (setf (gethash i table) (* 2 i)))
    (dotimes (i 1000000)
      (incf sum (gethash i table)))
    sum))
