;;;; Floats as sign, significand and exponent, and the constants of the formats (CLHS 12.1.4.3, 12.2).
;;;; Short floats are singles and long floats are doubles.

(in-package :clysm)

(defconstant most-positive-single-float 3.4028234663852886f38)
(defconstant most-negative-single-float -3.4028234663852886f38)
(defconstant least-positive-single-float 1.401298464324817f-45)
(defconstant least-negative-single-float -1.401298464324817f-45)
(defconstant least-positive-normalized-single-float 1.1754943508222875f-38)
(defconstant least-negative-normalized-single-float -1.1754943508222875f-38)
(defconstant single-float-epsilon 5.960465188081798f-8)
(defconstant single-float-negative-epsilon 2.980232594040899f-8)

(defconstant most-positive-double-float 1.7976931348623157d308)
(defconstant most-negative-double-float -1.7976931348623157d308)
(defconstant least-positive-double-float 4.940656458412465d-324)
(defconstant least-negative-double-float -4.940656458412465d-324)
(defconstant least-positive-normalized-double-float 2.2250738585072014d-308)
(defconstant least-negative-normalized-double-float -2.2250738585072014d-308)
(defconstant double-float-epsilon 1.1102230246251568d-16)
(defconstant double-float-negative-epsilon 5.551115123125784d-17)

(defconstant most-positive-short-float most-positive-single-float)
(defconstant most-negative-short-float most-negative-single-float)
(defconstant least-positive-short-float least-positive-single-float)
(defconstant least-negative-short-float least-negative-single-float)
(defconstant least-positive-normalized-short-float least-positive-normalized-single-float)
(defconstant least-negative-normalized-short-float least-negative-normalized-single-float)
(defconstant short-float-epsilon single-float-epsilon)
(defconstant short-float-negative-epsilon single-float-negative-epsilon)

(defconstant most-positive-long-float most-positive-double-float)
(defconstant most-negative-long-float most-negative-double-float)
(defconstant least-positive-long-float least-positive-double-float)
(defconstant least-negative-long-float least-negative-double-float)
(defconstant least-positive-normalized-long-float least-positive-normalized-double-float)
(defconstant least-negative-normalized-long-float least-negative-normalized-double-float)
(defconstant long-float-epsilon double-float-epsilon)
(defconstant long-float-negative-epsilon double-float-negative-epsilon)

(defun %check-float (x)
  (if (or (%is double x) (%is single x)) x (%type-error x 'float)))

;;; Attributes of the format

(defun float-radix (float) (%check-float float) 2)

(defun float-digits (float)
  (if (%is double (%check-float float)) 53 24))

(defun float-precision (float)
  (multiple-value-bind (significand) (integer-decode-float float)
    (integer-length significand)))

;;; Scaling

(defmacro %power-of-two (exponent)
  "The raw f64 two to the raw i32 EXPONENT, from -1022 to 1023."
  `(%f64.reinterpret_i64 (%i64.shl (%i64.extend_i32_s (%i32.add ,exponent 1023)) 52)))

(%define-raw %scale-double ((value f64) (power i32)) f64
  ;; VALUE times two to the POWER; an infinity if it overflows. A denormalised result may be rounded twice.
  (let ((x (%f64 value))
        (k (%i32 power)))
    (%while (and (%i32.gt_s k 1023) (%finite-f64-p x) (%f64.ne x 0d0))
      (setq x (%f64.mul x 8.98846567431158d307))
      (setq k (%i32.sub k 1023)))
    (%while (and (%i32.lt_s k -1022) (%f64.ne x 0d0))
      (setq x (%f64.mul x 2.2250738585072014d-308))
      (setq k (%i32.add k 1022)))
    (if (or (%f64.eq x 0d0) (not (%finite-f64-p x)))
        x
        (%f64.mul x (%power-of-two k)))))

;;; Parts. The exponent given with a denormalised float is the one of all denormalised floats.

(defun %decode-double (x)
  "INTEGER-DECODE-FLOAT of a double."
  (let* ((bits (%i64.reinterpret_f64 (%get double value x)))
         (field (%i64.and (%i64.shr_u bits 52) 2047))
         (fraction (%i64.and bits 4503599627370495))
         (sign (if (%i64.lt_s bits 0) -1 1)))
    (when (%i64.eq field 2047)
      (%error "The infinity or NaN ~S has no significand." x))
    (if (%i64.eqz field)
        (values (%box-i64 fraction) (if (%i64.eqz fraction) 0 -1074) sign)
        (let ((significand (%i64.or fraction 4503599627370496)))
          (values (%box-i64 significand)
                  (%fixnum (%i32.sub (%i32.wrap_i64 field) 1075))
                  sign)))))

(defun %decode-single (x)
  "INTEGER-DECODE-FLOAT of a single."
  (let* ((bits (%i32.reinterpret_f32 (%get single value x)))
         (field (%i32.and (%i32.shr_u bits 23) 255))
         (fraction (%i32.and bits 8388607))
         (sign (if (%i32.lt_s bits 0) -1 1)))
    (cond ((%i32.eq field 255)
           (%error "The infinity or NaN ~S has no significand." x))
          ((%i32.eqz field)
           (values (%fixnum fraction) (if (%i32.eqz fraction) 0 -149) sign))
          (t (values (%fixnum (%i32.or fraction 8388608)) (%fixnum (%i32.sub field 150)) sign)))))

(defun integer-decode-float (float)
  (cond ((%is double float) (%decode-double float))
        ((%is single float) (%decode-single float))
        (t (%type-error float 'float))))

(defun decode-float (float)
  (multiple-value-bind (significand exponent sign) (integer-decode-float float)
    (let ((length (integer-length significand))
          (double (%is double float)))
      (values (cond ((eq significand 0) (if double 0d0 0f0))
                    (double (%scale-double (%to-double significand) (- length)))
                    (t (%to-single (%scale-double (%to-double significand) (- length)))))
              (+ exponent length)
              (if double
                  (if (eq sign 1) 1d0 -1d0)
                  (if (eq sign 1) 1f0 -1f0))))))

(defun float-sign (float-1 &optional (float-2 1 given))
  (let ((negative (cond ((%is double float-1)
                         (%i64.lt_s (%i64.reinterpret_f64 (%get double value float-1)) 0))
                        ((%is single float-1)
                         (%i32.lt_s (%i32.reinterpret_f32 (%get single value float-1)) 0))
                        (t (%type-error float-1 'float))))
        (magnitude (cond (given (abs (%check-float float-2)))
                         ((%is double float-1) 1d0)
                         (t 1f0))))
    (if negative (generic-negate magnitude) magnitude)))

;;; Correctly rounded scaling

(defun scale-float (float integer)
  (%check-float float)
  (%check-integer integer)
  (let* ((exponent (if (%fixnump integer)
                       (max -5000 (min integer 5000))
                       (if (%negative-p integer) -5000 5000))))
    (if (%is double float)
        (let ((result (%scale-exactly float exponent)))
          (if (%finite-number-p result)
              result
              (%float-trap 'scale-float float integer result)))
        (%scale-single float exponent))))

(defun %scale-exactly (x exponent)
  "The double X times two to the fixnum EXPONENT, correctly rounded."
  (if (%finite-number-p x)
      (multiple-value-bind (significand power sign) (%decode-double x)
        (if (eq significand 0)
            x
            (%encode-double (eq sign -1) significand (+ power exponent) nil)))
      x))

(defun %scale-single (x exponent)
  (if (%finite-number-p x)
      (multiple-value-bind (significand power sign) (%decode-single x)
        (if (eq significand 0)
            x
            (let ((result (%encode-single (eq sign -1) significand (+ power exponent) nil)))
              (if (%finite-number-p result)
                  result
                  (%float-trap 'scale-float x exponent result)))))
      x))
