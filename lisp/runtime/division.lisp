;;;; Rounding division: FLOOR, CEILING, TRUNCATE, ROUND, their float versions, MOD and REM (CLHS 12.2).
;;;;
;;;; All are made of truncation. Truncating floats divides first and truncates the float quotient; the remainder is
;;;; what's left of the number after subtracting the product.

(in-package :clysm)

;;; Truncation

(defun %double-to-integer (x)
  "The integer part of a finite double."
  (let ((value (%get double value x)))
    (cond ((%f64.lt (%f64.abs value) 9.2d18)
           (let ((word (%i64.trunc_sat_f64_s value)))
             (%box-i64 word)))
          ((%finite-f64-p value)
           (multiple-value-bind (significand exponent sign) (integer-decode-float x)
             (let ((magnitude (%ash significand exponent)))
               (if (eq sign 1) magnitude (%integer-negate magnitude)))))
          (t (%error 'floating-point-invalid-operation :operation 'truncate :operands (list x))))))

(defun %truncate-rationals (number divisor)
  "TRUNCATE of two rationals of which one is a ratio."
  (let ((n1 (numerator number))
        (d1 (denominator number))
        (n2 (numerator divisor))
        (d2 (denominator divisor)))
    (multiple-value-bind (quotient rest)
        (%integer-truncate (%integer-multiply n1 d2) (%integer-multiply d1 n2))
      (values quotient
              (if (eq rest 0) 0 (%make-rational rest (%integer-multiply d1 d2)))))))

(defun %truncate-doubles (number divisor)
  "The truncated quotient as a double, and the remainder, of two doubles."
  (let* ((x (%get double value number))
         (y (%get double value divisor))
         (quotient (%f64.trunc (if (%f64.eq y 1d0) (%f64 x) (%f64.div x y)))))
    (if (%finite-f64-p quotient)
        (let ((rest (%f64.sub x (%f64.mul quotient y))))
          (values (%new double quotient) (%new double rest)))
        (values (%float-trap '/ number divisor (%new double quotient)) number))))

(defun %truncate-singles (number divisor)
  "The same of two singles."
  (let* ((x (%get single value number))
         (y (%get single value divisor))
         (quotient (%f32.trunc (if (%f32.eq y 1f0) (%f32 x) (%f32.div x y)))))
    (if (%f32.eq (%f32.sub quotient quotient) 0f0)
        (let ((rest (%f32.sub x (%f32.mul quotient y))))
          (values (%new single quotient) (%new single rest)))
        (values (%float-trap '/ number divisor (%new single quotient)) number))))

(defun %truncate-floats (number divisor)
  "The truncated quotient as a float, and the remainder, of two reals of which one is a float."
  (when (zerop divisor)
    (%division-by-zero 'truncate number divisor))
  (if (or (%is double number) (%is double divisor))
      (%truncate-doubles (%to-double number) (%to-double divisor))
      (%truncate-singles (%to-single number) (%to-single divisor))))

(defun %truncate (number divisor)
  "TRUNCATE of two reals."
  (if (and (%integer-p number) (%integer-p divisor))
      (if (eq divisor 0)
          (%division-by-zero 'truncate number divisor)
          (%integer-truncate number divisor))
      (let ((level-a (%real-level number))
            (level-b (%real-level divisor)))
        (cond ((or (> level-a 1) (> level-b 1))
               (multiple-value-bind (quotient rest) (%truncate-floats number divisor)
                 (values (%double-to-integer (%promote quotient)) rest)))
              ((eq divisor 0) (%division-by-zero 'truncate number divisor))
              (t (%truncate-rationals number divisor))))))

;;; The four roundings. Each adjusts the truncated quotient by at most one.

(defmacro %opposite-signs-p (number divisor)
  `(if (minusp ,divisor) (plusp ,number) (minusp ,number)))

(defun truncate (number &optional (divisor 1))
  (%truncate number divisor))

(defun floor (number &optional (divisor 1))
  (if (and (%fixnump number) (%fixnump divisor) (%i32.gt_s divisor 0))
      (let ((quotient (%i32.div_s number divisor))
            (rest (%i32.rem_s number divisor)))
        (if (%i32.lt_s rest 0)
            (values (%fixnum (%i32.sub quotient 1)) (%fixnum (%i32.add rest divisor)))
            (values (%fixnum quotient) (%fixnum rest))))
      (multiple-value-bind (quotient rest) (%truncate number divisor)
        (if (and (not (zerop rest)) (%opposite-signs-p number divisor))
            (values (- quotient 1) (+ rest divisor))
            (values quotient rest)))))

(defun ceiling (number &optional (divisor 1))
  (multiple-value-bind (quotient rest) (%truncate number divisor)
    (if (or (zerop rest) (%opposite-signs-p number divisor))
        (values quotient rest)
        (values (+ quotient 1) (- rest divisor)))))

(defun %round-up-p (quotient rest divisor)
  "True if the truncated QUOTIENT is to be moved away from zero: REST is more than half of DIVISOR, or half of it and
QUOTIENT is odd."
  (let* ((double-rest (* 2 (abs rest)))
         (order (%compare-reals double-rest (abs divisor))))
    (or (eq order 1)
        (and (eq order 0) (oddp quotient)))))

(defun round (number &optional (divisor 1))
  (multiple-value-bind (quotient rest) (%truncate number divisor)
    (cond ((or (zerop rest) (not (%round-up-p quotient rest divisor)))
           (values quotient rest))
          ;; The sign of the rest, not of the number: rounding the quotient of floats may have passed the number.
          ((if (minusp divisor) (plusp rest) (minusp rest))
           (values (- quotient 1) (+ rest divisor)))
          (t (values (+ quotient 1) (- rest divisor))))))

(defun rem (number divisor)
  (if (and (%fixnump number) (%fixnump divisor) (not (eq divisor 0)))
      (%fixnum (%i32.rem_s number divisor))
      (multiple-value-bind (quotient rest) (%truncate number divisor)
        (declare (ignore quotient))
        rest)))

(defun mod (number divisor)
  (if (and (%fixnump number) (%fixnump divisor) (%i32.gt_s divisor 0))
      (let ((rest (%i32.rem_s number divisor)))
        (%fixnum (if (%i32.lt_s rest 0) (%i32.add rest divisor) rest)))
      (let ((rest (rem number divisor)))
        (if (and (not (zerop rest)) (%opposite-signs-p number divisor))
            (+ rest divisor)
            rest))))

;;; The float versions. A zero quotient of a negative float is minus zero, as in IEEE 754.

(defun %float-quotient (quotient rest number)
  "The integer QUOTIENT as a float of the format of REST, or a single if that is rational."
  (cond ((and (eq quotient 0) (floatp number) (minusp (float-sign number)))
         (if (%is double rest) -0d0 -0f0))
        ((%is double rest) (%to-double quotient))
        (t (%to-single quotient))))

(defmacro %define-float-rounding (name function)
  `(defun ,name (number &optional (divisor 1))
     (multiple-value-bind (quotient rest) (,function number divisor)
       (values (%float-quotient quotient rest number) rest))))

(%define-float-rounding ffloor floor)
(%define-float-rounding fceiling ceiling)
(%define-float-rounding fround round)

(defun ftruncate (number &optional (divisor 1))
  (if (or (floatp number) (floatp divisor))
      (progn (%require-real number)
             (%require-real divisor)
             (%truncate-floats number divisor))
      (multiple-value-bind (quotient rest) (%truncate number divisor)
        (values (%to-single quotient) rest))))
