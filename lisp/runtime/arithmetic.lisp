;;;; The standard functions of any number of arguments, and the simple functions of one (CLHS 12.2). The compiler turns
;;;; calls of two arguments into calls of the functions of numbers.lisp.

(in-package :clysm)

;;; The second argument is optional rather than part of the rest, so that the common call of a function object with two
;;; arguments makes no list.

(defmacro %define-fold (name function identity check)
  "Defines NAME as FUNCTION over all arguments from the left, IDENTITY of none; a single argument must pass CHECK."
  `(defun ,name (&optional (number ,identity) (second nil given) &rest more)
     (if given
         (let ((result (,function number second)))
           (dolist (x more result)
             (setq result (,function result x))))
         (,check number))))

;;; Arithmetic

(%define-fold + generic-add 0 %check-number)
(%define-fold * generic-multiply 1 %check-number)

(defmacro %define-inverse-fold (name function single)
  "Defines NAME as FUNCTION from the left over one or more arguments; SINGLE is the form for one, NUMBER."
  `(defun ,name (number &optional (second nil given) &rest more)
     (if given
         (let ((result (,function number second)))
           (dolist (x more result)
             (setq result (,function result x))))
         ,single)))

(%define-inverse-fold - generic-subtract (generic-negate number))
(%define-inverse-fold / generic-divide (generic-divide 1 number))

(defun 1+ (number) (generic-add number 1))
(defun 1- (number) (generic-subtract number 1))

;;; Comparison

(defmacro %define-chain (name test check)
  "Defines NAME as true if TEST holds of all neighbouring arguments; a single one must pass CHECK."
  `(defun ,name (number &optional (second nil given) &rest more)
     (cond ((not given) (,check number) t)
           ((null more) (,test number second))
           ((,test number second)
            (dolist (x more t)
              (if (,test second x)
                  (setq second x)
                  (return nil))))
           (t nil))))

(%define-chain = generic-equal %check-number)
(%define-chain < generic-less %require-real)
(%define-chain > generic-greater %require-real)
(%define-chain <= generic-less-equal %require-real)
(%define-chain >= generic-greater-equal %require-real)

(defun /= (number &optional (second nil given) &rest more)
  (cond ((not given) (%check-number number) t)
        ((null more) (not (generic-equal number second)))
        (t (%all-different-p (cons number (cons second more))))))

(defun %all-different-p (numbers)
  (do ((rest numbers (cdr rest)))
      ((null rest) t)
    (dolist (x (cdr rest))
      (when (generic-equal (car rest) x)
        (return-from %all-different-p nil)))))

(defmacro %define-extreme (name test)
  "Defines NAME as the first argument of which TEST with all others does not hold the other way round."
  `(defun ,name (number &optional (second nil given) &rest more)
     (if (not given)
         (%require-real number)
         (let ((best (if (,test second number) second number)))
           (dolist (x more best)
             (when (,test x best)
               (setq best x)))))))

(%define-extreme max generic-greater)
(%define-extreme min generic-less)

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
