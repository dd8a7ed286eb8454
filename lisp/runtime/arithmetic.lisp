;;;; The standard functions of any number of arguments, and the simple functions of one (CLHS 12.2). The compiler turns
;;;; calls of two arguments into calls of the functions of numbers.lisp.

(in-package :clysm)

;;; Arithmetic

(defun + (&rest numbers)
  (if (null numbers)
      0
      (let ((sum (%check-number (car numbers))))
        (dolist (x (cdr numbers) sum)
          (setq sum (generic-add sum x))))))

(defun * (&rest numbers)
  (if (null numbers)
      1
      (let ((product (%check-number (car numbers))))
        (dolist (x (cdr numbers) product)
          (setq product (generic-multiply product x))))))

(defun - (number &rest more)
  (if (null more)
      (generic-negate number)
      (dolist (x more number)
        (setq number (generic-subtract number x)))))

(defun / (number &rest more)
  (if (null more)
      (generic-divide 1 number)
      (dolist (x more number)
        (setq number (generic-divide number x)))))

(defun 1+ (number) (generic-add number 1))
(defun 1- (number) (generic-subtract number 1))

;;; Comparison

(defmacro %define-chain (name test check)
  "Defines NAME as true if TEST holds of all neighbouring arguments."
  `(defun ,name (number &rest more)
     (,check number)
     (dolist (x more t)
       (if (,test number x)
           (setq number x)
           (return nil)))))

(%define-chain = generic-equal %check-number)
(%define-chain < generic-less %require-real)
(%define-chain > generic-greater %require-real)
(%define-chain <= generic-less-equal %require-real)
(%define-chain >= generic-greater-equal %require-real)

(defun /= (number &rest more)
  (%check-number number)
  (do ((rest more (cdr rest)))
      ((null rest) t)
    (dolist (x rest)
      (when (generic-equal number x)
        (return-from /= nil)))
    (setq number (car rest))))

(defun max (number &rest more)
  (%require-real number)
  (dolist (x more number)
    (when (generic-greater x number)
      (setq number x))))

(defun min (number &rest more)
  (%require-real number)
  (dolist (x more number)
    (when (generic-less x number)
      (setq number x))))

;;; Signs and parity

(defun zerop (number)
  (cond ((%fixnump number) (eq number 0))
        ((%is double number) (%f64.eq (%get double value number) 0d0))
        ((%is single number) (%f32.eq (%get single value number) 0f0))
        ((%is complex number)
         (and (zerop (%get complex real number)) (zerop (%get complex imag number))))
        (t (%check-number number) nil)))

(defun plusp (real)
  (cond ((%fixnump real) (%i32.gt_s real 0))
        ((%is double real) (%f64.gt (%get double value real) 0d0))
        ((%is single real) (%f32.gt (%get single value real) 0f0))
        ((%is bignum real) (not (%negative-bignum-p real)))
        ((%is ratio real) (not (%negative-p (%get ratio numerator real))))
        (t (%type-error real 'real))))

(defun minusp (real)
  (cond ((%fixnump real) (%i32.lt_s real 0))
        ((%is double real) (%f64.lt (%get double value real) 0d0))
        ((%is single real) (%f32.lt (%get single value real) 0f0))
        ((%is bignum real) (%negative-bignum-p real))
        ((%is ratio real) (%negative-p (%get ratio numerator real)))
        (t (%type-error real 'real))))

(defun oddp (integer) (%integer-odd-p (%check-integer integer)))
(defun evenp (integer) (not (%integer-odd-p (%check-integer integer))))

(defun abs (number)
  (cond ((%is double number) (%new double (%f64.abs (%get double value number))))
        ((%is single number) (%new single (%f32.abs (%get single value number))))
        ((%is complex number) (%complex-magnitude number))
        ((minusp number) (generic-negate number))
        (t number)))

(defun signum (number)
  (cond ((%real-p number)
         (cond ((zerop number) number)
               ((%is double number) (if (minusp number) -1d0 1d0))
               ((%is single number) (if (minusp number) -1f0 1f0))
               ((minusp number) -1)
               (t 1)))
        ((zerop (%check-number number)) number)
        (t (generic-divide number (%complex-magnitude number)))))
