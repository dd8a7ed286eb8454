;;;; Conversions between floats and rationals: FLOAT, RATIONAL, RATIONALIZE (CLHS 12.2), correctly rounded.

(in-package :clysm)

;;; Encoding: a value is a positive integer times a power of two, and whether a bit more is to be added below.

(defmacro %rounded-significand (word drop sticky)
  "The raw i64 WORD, unsigned, without its low DROP bits, a raw i64 from 0 to 65: rounded to the nearest, ties to even.
STICKY says that the value is a little more than WORD."
  `(cond ((%i64.eqz ,drop) (%i64 ,word))
         ((%i64.gt_s ,drop 64) (%i64 0))
         (t (let* ((half (%i64.shl 1 (%i64.sub ,drop 1)))
                   (low (%i64.and ,word (%i64.or half (%i64.sub half 1))))
                   (kept (if (%i64.eq ,drop 64) (%i64 0) (%i64.shr_u ,word ,drop))))
              (if (or (%i64.gt_u low half)
                      (and (%i64.eq low half)
                           (or ,sticky (%i64.eq (%i64.and kept 1) 1))))
                  (%i64.add kept 1)
                  (%i64 kept))))))

(defmacro %with-top-word ((word exponent sticky) (significand power more) &body body)
  "Evaluates BODY with the raw i64 WORD of the top 62 bits, or fewer, of the integer SIGNIFICAND, the fixnum EXPONENT of
its unit, and STICKY true if anything is below it."
  `(let* ((excess (max 0 (- (integer-length ,significand) 62)))
          (,word (%short-word (if (eq excess 0) ,significand (%shift-right ,significand excess))))
          (,exponent (+ ,power excess))
          (,sticky (or ,more
                       (and (> excess 0) (not (%low-bits-zero-p (%magnitude ,significand) excess))))))
     ,@body))

(defun %dropped-bits (length exponent precision lowest)
  "How many low bits of a significand of LENGTH bits are not part of a float of PRECISION bits whose least exponent is
LOWEST; at most 65."
  (min 65 (max 0 (- length precision) (- lowest exponent))))

(defun %encode-double (negative significand power sticky)
  "The double nearest to the positive integer SIGNIFICAND times two to the fixnum POWER, or an infinity. STICKY says
that the exact value is a little more."
  (%with-top-word (word exponent more) (significand power sticky)
    (let* ((length (%fixnum (%i32.sub 64 (%i32.wrap_i64 (%i64.clz word)))))
           (shift (max 0 (- 53 length)))
           ;; A short significand moves up, so that the field of the exponent follows from 53 bits.
           (room (max 0 (min shift (+ exponent 1074))))
           (aligned (%i64.shl word (%i64 room)))
           (unit (- exponent room))
           (drop-count (%dropped-bits (+ length room) unit 53 -1074))
           (drop (%i64 drop-count))
           (rounded (%rounded-significand aligned drop more))
           (biased (max 0 (+ unit drop-count 1074)))
           ;; The implicit bit of a normalised significand adds one to the field.
           (bits (%i64 (if (> biased 2045)
                           (%i64 9218868437227405312)
                           (%i64.add (%i64.shl (%i64 biased) 52) rounded)))))
      (when (%i64.gt_u bits 9218868437227405312)
        (setq bits (%i64 9218868437227405312)))
      (%new double (%f64.reinterpret_i64
                    (if negative (%i64.or bits -9223372036854775808) (%i64 bits)))))))

(defun %encode-single (negative significand power sticky)
  "Like %ENCODE-DOUBLE for singles."
  (%with-top-word (word exponent more) (significand power sticky)
    (let* ((length (%fixnum (%i32.sub 64 (%i32.wrap_i64 (%i64.clz word)))))
           (shift (max 0 (- 24 length)))
           (room (max 0 (min shift (+ exponent 149))))
           (aligned (%i64.shl word (%i64 room)))
           (unit (- exponent room))
           (drop-count (%dropped-bits (+ length room) unit 24 -149))
           (drop (%i64 drop-count))
           (rounded (%rounded-significand aligned drop more))
           (biased (max 0 (+ unit drop-count 149)))
           (bits (%i64 (if (> biased 253)
                           (%i64 2139095040)
                           (%i64.add (%i64.shl (%i64 biased) 23) rounded)))))
      (when (%i64.gt_u bits 2139095040)
        (setq bits (%i64 2139095040)))
      (%new single (%f32.reinterpret_i32
                    (%i32.wrap_i64 (if negative (%i64.or bits 2147483648) (%i64 bits))))))))

;;; Rationals to floats

(defmacro %define-fraction-conversion (name encode precision)
  "Defines NAME as the float of PRECISION bits nearest to NUMERATOR / DENOMINATOR, positive integers, times two to the
fixnum POWER, negated if NEGATIVE, made by ENCODE."
  `(defun ,name (negative numerator denominator power)
     ;; The quotient gets two bits more than needed; the remainder says if there is anything below.
     (let ((shift (- (+ ,precision 2) (- (integer-length numerator) (integer-length denominator)))))
       (multiple-value-bind (quotient rest)
           (if (> shift 0)
               (%integer-truncate (%shift-left numerator shift) denominator)
               (%integer-truncate numerator (%shift-left denominator (- shift))))
         (,encode negative quotient (- power shift) (not (eq rest 0)))))))

(%define-fraction-conversion %fraction-to-double %encode-double 53)
(%define-fraction-conversion %fraction-to-single %encode-single 24)

(defmacro %define-rational-conversion (name encode fraction)
  "Defines NAME as the float nearest to a rational that's not zero, made by ENCODE from an integer or by FRACTION."
  `(defun ,name (x)
     (let* ((numerator (numerator x))
            (negative (%negative-p numerator))
            (magnitude (if negative (%integer-negate numerator) numerator)))
       (if (%is ratio x)
           (,fraction negative magnitude (%get ratio denominator x) 0)
           (,encode negative magnitude 0 nil)))))

(%define-rational-conversion %rational-to-double %encode-double %fraction-to-double)
(%define-rational-conversion %rational-to-single %encode-single %fraction-to-single)

(defun %checked-conversion (result x)
  "RESULT, the float of the rational X, if it's finite."
  (if (%finite-number-p result)
      result
      (%float-trap 'float x 1 result)))

(defun %to-double (x)
  "The real X as a double."
  (cond ((%is double x) x)
        ((%fixnump x) (%new double (%f64.convert_i32_s x)))
        ((%is single x) (%new double (%f64.promote_f32 (%get single value x))))
        ((and (%is bignum x) (%short-integer-p x))
         (%new double (%f64.convert_i64_s (%short-word x))))
        ((or (%is bignum x) (%is ratio x))
         (%checked-conversion (%rational-to-double x) x))
        (t (%type-error x 'real))))

(defun %to-single (x)
  "The real X as a single."
  (cond ((%is single x) x)
        ((%fixnump x) (%new single (%f32.convert_i32_s x)))
        ((%is double x)
         (let ((value (%f32.demote_f64 (%get double value x))))
           (if (%f32.eq (%f32.sub value value) 0f0)
               (%new single value)
               (%float-trap 'float x 1 (%new single value)))))
        ((and (%is bignum x) (%short-integer-p x))
         (%new single (%f32.convert_i64_s (%short-word x))))
        ((or (%is bignum x) (%is ratio x))
         (%checked-conversion (%rational-to-single x) x))
        (t (%type-error x 'real))))

(defun float (number &optional (prototype 1f0 given))
  (cond ((and (not given) (or (%is double number) (%is single number))) number)
        ((%is double (%check-float prototype)) (%to-double number))
        (t (%to-single number))))

;;; Floats to rationals

(defun rational (number)
  (cond ((or (%integer-p number) (%is ratio number)) number)
        ((or (%is double number) (%is single number))
         (multiple-value-bind (significand exponent sign) (integer-decode-float number)
           (let ((integer (if (eq sign 1) significand (%integer-negate significand))))
             (if (%i32.ge_s exponent 0)
                 (%shift-left integer exponent)
                 (%binary-fraction integer (- exponent))))))
        (t (%type-error number 'real))))

(defun %binary-fraction (integer places)
  "INTEGER divided by two to the PLACES, a positive fixnum."
  (if (eq integer 0)
      0
      (let ((common (min places (%trailing-zeros integer))))
        (%reduced-ratio (%shift-right integer common)
                        (%shift-left 1 (- places common))))))

(defun %simplest-rational (low high)
  "The rational of the least denominator between the positive rationals LOW and HIGH, by continued fractions."
  (multiple-value-bind (whole rest) (%truncate low 1)
    (cond ((eq rest 0) whole)
          ((generic-less whole (%truncate high 1)) (generic-add whole 1))
          (t (generic-add whole
                          (generic-divide 1 (%simplest-rational
                                             (generic-divide 1 (generic-subtract high whole))
                                             (generic-divide 1 rest))))))))

(defun rationalize (number)
  (if (or (%is double number) (%is single number))
      (multiple-value-bind (significand exponent sign) (integer-decode-float number)
        (if (or (eq significand 0) (%i32.ge_s exponent 0))
            (rational number)
            ;; Every rational between the midpoints to the neighbours rounds to the float.
            (let* ((unit (%shift-left 1 (- 1 exponent)))
                   (middle (%shift-left significand 1))
                   (simplest (%simplest-rational (%make-rational (%integer-subtract middle 1) unit)
                                                 (%make-rational (%integer-add middle 1) unit))))
              (if (eq sign 1) simplest (generic-negate simplest)))))
      (if (%is complex number)
          (%type-error number 'real)
          (rational number))))
