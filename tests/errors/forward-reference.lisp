;;; What comes later in the file is not undefined, be it called, referred to or read; nor is what a program defines by itself.
(defun even-number-p (n)
  (if (= n 0) t (odd-number-p (- n 1))))

(defun odd-number-p (n)
  (if (= n 0) nil (even-number-p (- n 1))))

(defun later () (list (funcall #'constantly-five) *later*))

(setf (symbol-function 'constantly-five) (constantly 5))
(defvar *later* 6)
(setf (symbol-value '*by-itself*) 7)

(print (list (even-number-p 100000) (later) (locally (declare (special *by-itself*)) *by-itself*)))
