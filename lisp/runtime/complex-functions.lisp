;;;; Elementary functions of complex numbers, with the branch cuts of the standard (CLHS 12.1.5.3), after Kahan,
;;;; "Branch Cuts for Complex Elementary Functions" (1987). All functions take the parts as doubles and return the parts
;;;; of the value as two doubles; signs of zeros tell the sides of the cuts.

(in-package :clysm)

(defun %complex-of (real imag single)
  "The complex number of two doubles, with single parts if SINGLE."
  (unless (and (%finite-number-p real) (%finite-number-p imag))
    (%float-trap 'complex 0 0 (if (%finite-number-p real) imag real)))
  (if single
      (%new complex (%to-single real) (%to-single imag))
      (%new complex real imag)))

(defun %complex-apply (function number)
  "The value of FUNCTION for the parts of the complex NUMBER, in its format."
  (let ((real (%get complex real number))
        (imag (%get complex imag number)))
    (multiple-value-bind (x y) (funcall function (%to-double real) (%to-double imag))
      (%complex-of x y (not (%is double real))))))

;;; Square root and logarithm

(defun %complex-sqrt (x y)
  (let ((size (max (abs x) (abs y))))
    (cond ((= size 0) (values 0d0 y))
          ((> size 1d300)
           (multiple-value-bind (real imag) (%complex-sqrt (* x 0.0625d0) (* y 0.0625d0))
             (values (* real 4) (* imag 4))))
          ((< size 1d-290)
           (multiple-value-bind (real imag) (%complex-sqrt (%scale-double x 200) (%scale-double y 200))
             (values (%scale-double real -100) (%scale-double imag -100))))
          (t (let ((root (%double-sqrt (* 0.5d0 (+ (%hypotenuse x y) (abs x))))))
               (if (>= x 0)
                   (values root (/ y (* 2 root)))
                   (values (/ (abs y) (* 2 root)) (%copy-sign root y))))))))

(defun %double-sqrt (x)
  (%new double (%f64.sqrt (%get double value x))))

(defun %copy-sign (magnitude sign)
  (%new double (%f64.copysign (%get double value magnitude) (%get double value sign))))

(defun %log-magnitude (x y)
  "The logarithm of the absolute value of X + iY, also near one and where the absolute value is not representable."
  (let* ((large (max (abs x) (abs y)))
         (small (min (abs x) (abs y))))
    (cond ((= large 0) (%division-by-zero 'log x y))
          ((= small 0) (%log large))
          ((or (> large 1d150) (< large 1d-150))
           (let ((ratio (/ small large)))
             (+ (%log large) (* 0.5d0 (%log-plus-1 (* ratio ratio))))))
          ((< 0.5d0 large 1.5d0)
           (* 0.5d0 (%log-plus-1 (+ (* (- large 1) (+ large 1)) (* small small)))))
          (t (* 0.5d0 (%log (+ (* large large) (* small small))))))))

(defun %complex-log (x y)
  (values (%log-magnitude x y) (%atan2 y x)))

(defun %complex-exp (x y)
  (let ((size (%exp x)))
    (if (= y 0)
        (values (%checked-power x y size) y)
        (values (* size (%cos y)) (* size (%sin y))))))

;;; Trigonometric and hyperbolic functions. Those of z are those of iz turned.

(defun %complex-sinh (x y)
  (values (* (%sinh x) (%cos y)) (* (%cosh x) (%sin y))))

(defun %complex-cosh (x y)
  (values (* (%cosh x) (%cos y)) (* (%sinh x) (%sin y))))

(defun %complex-tanh (x y)
  (if (> (abs x) 20)
      (values (%copy-sign 1d0 x)
              (* 4 (%sin y) (%cos y) (%exp (* -2 (abs x)))))
      (let* ((tangent (%tan y))
             (beta (+ 1 (* tangent tangent)))
             (s (%sinh x))
             (rho (%double-sqrt (+ 1 (* s s))))
             (divisor (+ 1 (* beta s s))))
        (values (/ (* beta rho s) divisor) (/ tangent divisor)))))

(defun %complex-sin (x y)
  (values (* (%sin x) (%cosh y)) (* (%cos x) (%sinh y))))

(defun %complex-cos (x y)
  (values (* (%cos x) (%cosh y)) (generic-negate (* (%sin x) (%sinh y)))))

(defun %turn (function x y)
  "FUNCTION of i times X + iY, divided by i."
  (multiple-value-bind (real imag) (funcall function (generic-negate y) x)
    (values imag (generic-negate real))))

(defun %complex-tan (x y) (%turn #'%complex-tanh x y))

;;; Inverse functions

(defmacro %with-roots ((p-real p-imag) (q-real q-imag) (first-x first-y) (second-x second-y) &body body)
  "Binds the parts of the square roots of two complex numbers."
  `(multiple-value-bind (,p-real ,p-imag) (%complex-sqrt ,first-x ,first-y)
     (multiple-value-bind (,q-real ,q-imag) (%complex-sqrt ,second-x ,second-y)
       ,@body)))

(defun %complex-asin (x y)
  (%with-roots (minus-real minus-imag) (plus-real plus-imag) ((- 1 x) (generic-negate y)) ((+ 1 x) y)
    (values (%atan2 x (- (* minus-real plus-real) (* minus-imag plus-imag)))
            (%asinh (- (* minus-real plus-imag) (* minus-imag plus-real))))))

(defun %complex-acos (x y)
  (%with-roots (minus-real minus-imag) (plus-real plus-imag) ((- 1 x) (generic-negate y)) ((+ 1 x) y)
    (values (* 2 (%atan2 minus-real plus-real))
            (%asinh (- (* plus-real minus-imag) (* plus-imag minus-real))))))

(defun %complex-acosh (x y)
  (%with-roots (minus-real minus-imag) (plus-real plus-imag) ((- x 1) y) ((+ x 1) y)
    (values (%asinh (+ (* minus-real plus-real) (* minus-imag plus-imag)))
            (* 2 (%atan2 minus-imag plus-real)))))

(defun %complex-asinh (x y) (%turn #'%complex-asin x y))

(defun %complex-atanh (x y)
  (if (minusp (float-sign x))
      (multiple-value-bind (real imag) (%atanh-right (generic-negate x) (generic-negate y))
        (values (generic-negate real) (generic-negate imag)))
      (%atanh-right x y)))

(defun %atanh-right (x y)
  "The inverse hyperbolic tangent of X + iY, X not negative."
  (cond ((and (= x 1) (= y 0)) (%division-by-zero 'atanh x y))
        ((or (> x 1d150) (> (abs y) 1d150))
         (values (%real-of-inverse x y) (%copy-sign 1.5707963267948966d0 y)))
        ((= x 1)
         (values (%log (/ (%double-sqrt (%double-sqrt (+ 4 (* y y)))) (%double-sqrt (abs y))))
                 (* 0.5d0 (%copy-sign (+ 1.5707963267948966d0 (%atan (* 0.5d0 (abs y)))) y))))
        (t (let ((distance (- 1 x))
                 (square (* y y)))
             (values (* 0.25d0 (%log-plus-1 (/ (* 4 x) (+ (* distance distance) square))))
                     (* 0.5d0 (%atan2 (* 2 y) (- (* distance (+ 1 x)) square))))))))

(defun %real-of-inverse (x y)
  "The real part of the inverse of X + iY, at least one of them large."
  (if (> x (abs y))
      (let ((ratio (/ y x)))
        (/ (/ 1 x) (+ 1 (* ratio ratio))))
      (let ((ratio (/ x y)))
        (/ (/ ratio y) (+ 1 (* ratio ratio))))))

(defun %complex-atan (x y) (%turn #'%complex-atanh x y))
