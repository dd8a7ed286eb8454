;;; What float arithmetic signals (CLHS 12.1.4.3), inline and out of line.
(setq *print-pretty* nil)
(defmacro show (&rest forms)
  `(progn ,@(mapcar (lambda (form)
                      `(format t "~S => ~S~%" ',form
                               (handler-case ,form
                                 (arithmetic-error (c) (list (type-of c) (arithmetic-error-operation c)
                                                             (arithmetic-error-operands c)))
                                 (error () :error))))
                    forms)))

(defun product (x y) (declare (double-float x y)) (* x y))
(defun sum (x y) (declare (double-float x y)) (+ x y))
(defun difference (x y) (declare (double-float x y)) (- x y))
(defun single-product (x y) (declare (single-float x y)) (* x y))
(defun single-sum (x y) (declare (single-float x y)) (+ x y))
(defun chain (x y z) (declare (double-float x y z)) (let ((p (* x y))) (declare (double-float p)) (+ p z)))

(show (product 1d300 1d10) (product 2d0 3d0) (sum most-positive-double-float most-positive-double-float) (sum 1d0 2d0)
      (difference most-negative-double-float most-positive-double-float) (difference 1d0 3d0)
      (single-product 1e30 1e30) (single-product 2.0 3.0) (single-sum most-positive-single-float most-positive-single-float)
      (chain 1d300 1d10 1d0) (chain 2d0 3d0 4d0) (product 1d-300 1d-300))
(show (* 1d300 1d10) (funcall '* 1d300 1d10) (apply #'+ (list most-positive-double-float most-positive-double-float))
      (* 1d200 1d200 1d0) (/ 1d0 0d0) (/ 1 0.0) (/ 0d0 0d0) (/ 5 0) (/ 1d300 1d-300) (eval '(* 1e30 1e30)))
(show (let ((total 0d0)) (declare (double-float total)) (dotimes (i 400 total) (setq total (+ (* total 10d0) 1d0)))))
