;;;; The standard's exponential, logarithmic, trigonometric and hyperbolic functions (CLHS 12.2). Rationals become
;;;; singles, singles are computed as doubles and rounded; arguments outside the real domain give complex values.

(in-package :clysm)

(defconstant pi 3.141592653589793d0)

(defmacro %in-format-of (number value)
  "The double VALUE as a double if NUMBER is one, else as a single."
  `(let ((value ,value))
     (if (%is double ,number) value (%to-single value))))

(defmacro %define-elementary (name real-function complex-function)
  "Defines the standard function NAME that is real for all reals."
  `(defun ,name (number)
     (if (%is complex number)
         (%complex-apply #',complex-function number)
         (%in-format-of (%check-number number)
                        (%checked-elementary ',name number (,real-function (%to-double number)))))))

(defun %checked-elementary (operation number value)
  (if (%finite-number-p value)
      value
      (%float-trap operation number 0 value)))

(%define-elementary exp %exp %complex-exp)
(%define-elementary sin %sin %complex-sin)
(%define-elementary cos %cos %complex-cos)
(%define-elementary tan %tan %complex-tan)
(%define-elementary sinh %sinh %complex-sinh)
(%define-elementary cosh %cosh %complex-cosh)
(%define-elementary tanh %tanh %complex-tanh)
(%define-elementary asinh %asinh %complex-asinh)

;;; Inverse functions that leave the reals. The imaginary zero that the argument gets says on which side of the cut the
;;; standard's formula puts a real argument.

(defun %complex-value (function number imaginary-zero)
  "The complex value of FUNCTION for the real NUMBER."
  (multiple-value-bind (real imag) (funcall function (%to-double number) imaginary-zero)
    (%complex-of real imag (not (%is double number)))))

(defmacro %define-inverse (name real-function complex-function domain zero)
  "Defines the standard function NAME that is real where DOMAIN, a form of the real variable NUMBER, is true, and beyond
has the complex value for NUMBER with the imaginary part ZERO, a form of NUMBER too."
  `(defun ,name (number)
     (cond ((%is complex number) (%complex-apply #',complex-function number))
           (,domain (%in-format-of number (,real-function (%to-double number))))
           (t (%complex-value #',complex-function number ,zero)))))

(%define-inverse asin %asin %complex-asin (<= -1 number 1) (if (plusp number) -0d0 0d0))
(%define-inverse acos %acos %complex-acos (<= -1 number 1) (if (plusp number) -0d0 0d0))
(%define-inverse acosh %acosh %complex-acosh (<= 1 number) 0d0)

(defun atanh (number)
  (cond ((%is complex number) (%complex-apply #'%complex-atanh number))
        ((< -1 number 1) (%in-format-of number (%atanh (%to-double number))))
        ((<= -1 number 1) (%division-by-zero 'atanh number 1))
        (t (%complex-value #'%complex-atanh number (if (plusp number) -0d0 0d0)))))

(defun atan (number-1 &optional (number-2 nil given))
  (cond (given
         (let ((value (%atan2 (%to-double number-1) (%to-double number-2))))
           (if (or (%is double number-1) (%is double number-2))
               value
               (%to-single value))))
        ((%is complex number-1) (%complex-apply #'%complex-atan number-1))
        (t (%in-format-of (%check-number number-1) (%atan (%to-double number-1))))))

;;; Angles

(defun phase (number)
  (cond ((%is complex number) (atan (%get complex imag number) (%get complex real number)))
        ((%is double number) (if (minusp (float-sign number)) pi 0d0))
        ((minusp (if (%is single number) (float-sign number) number)) (%to-single pi))
        (t 0f0)))

(defun cis (radians)
  (%require-real radians)
  (let ((angle (%to-double radians)))
    (%complex-of (%cos angle) (%sin angle) (not (%is double radians)))))

;;; Logarithms

(defun %double-log (real binary)
  "The logarithm of a positive real as a double, to the base two if BINARY."
  (if binary
      (%log2 (%to-double real))
      (%log (%to-double real))))

(defun %positive-log (number binary)
  "The same; rationals may be of any size."
  (cond ((not (rationalp number))
         (if (%finite-number-p number)
             (%double-log number binary)
             (%to-double number)))
        (t (let* ((n (numerator number))
                  (d (denominator number))
                  (power (- (integer-length n) (integer-length d))))
             (if (< -1000 power 1000)
                 (%double-log number binary)
                 (+ (* power (%double-log 2 binary))
                    (%double-log (if (> power 0)
                                     (%make-rational n (%shift-left d power))
                                     (%make-rational (%shift-left n (- power)) d))
                                 binary)))))))

(defun %natural-log (number)
  (cond ((%is complex number) (%complex-apply #'%complex-log number))
        ((zerop number) (%division-by-zero 'log number 1))
        ((minusp number)
         (%complex-of (%positive-log (generic-negate number) nil) pi (not (%is double number))))
        (t (%in-format-of number (%positive-log number nil)))))

(defun %log-quotient (number base)
  "The logarithm of the positive real NUMBER to the positive real BASE."
  (let ((value (if (and (%integer-p base) (eq base 2))
                   (%positive-log number t)
                   (/ (%positive-log number nil) (%positive-log base nil)))))
    (if (or (%is double number) (%is double base))
        value
        (%to-single value))))

(defun %doubled (number)
  "NUMBER, or if it's a single or a rational its double."
  (generic-multiply number 1d0))

(defun log (number &optional (base nil given))
  (cond ((not given) (%natural-log (%check-number number)))
        ((zerop base)
         (if (or (%double-number-p number) (%double-number-p base)) 0d0 0f0))
        ((and (%real-p number) (%real-p base) (plusp number) (plusp base))
         (%log-quotient number base))
        ((eq (%double-number-p number) (%double-number-p base))
         (generic-divide (%natural-log number) (%natural-log base)))
        (t (generic-divide (%natural-log (%doubled number)) (%natural-log (%doubled base))))))
