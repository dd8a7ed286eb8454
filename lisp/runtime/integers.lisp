;;;; Integers: the two representations and the way between them and raw machine words.
;;;;
;;;; An integer is a fixnum (31 bits) or a bignum: a sign, 1 or -1, and a magnitude of 32-bit digits ("limbs"),
;;;; least significant first, without leading zeros. A bignum never holds a value of the fixnum range, so two
;;;; integers of different representations are never equal.
;;;;
;;;; Raw i32 values are used for indexes and counts only. A limb is always handled as a raw i64 between 0 and
;;;; 2^32-1: it would not survive boxing as an i32.

(in-package :clysm)

(defconstant most-positive-fixnum 1073741823)
(defconstant most-negative-fixnum -1073741824)

(defmacro %while (test &body body)
  "Evaluates BODY as long as TEST is true."
  `(do () ((not ,test)) ,@body))

;;; Limbs

(defmacro %limb (digits index)
  "The limb of DIGITS at INDEX as a raw unsigned i64."
  `(%u32 (%array-ref limbs ,digits ,index)))

(defmacro %set-limb (digits index value)
  "Stores the low 32 bits of the raw i64 VALUE."
  `(%array-set limbs ,digits ,index (%i32.wrap_i64 ,value)))

(defmacro %low-limb (word)
  "The low 32 bits of a raw i64."
  `(%i64.and ,word 4294967295))

(defmacro %high-limb (word)
  "The high 32 bits of a raw i64, unsigned."
  `(%i64.shr_u ,word 32))

;;; Type tests

(defmacro %integer-p (x)
  "True of integers. X is a variable."
  `(or (%fixnump ,x) (%is bignum ,x)))

(defmacro %negative-bignum-p (x)
  `(%i32.lt_s (%get bignum sign ,x) 0))

(defun %negative-p (x)
  "True if the integer X is less than zero."
  (if (%fixnump x)
      (%i32.lt_s x 0)
      (%negative-bignum-p x)))

(defun %integer-sign (x)
  "-1 for a negative integer, else 1."
  (if (%negative-p x) -1 1))

(defun %check-integer (x)
  (if (%integer-p x)
      x
      (%type-error x 'integer)))

;;; Words to integers

(defmacro %fixnum-word-p (word)
  "True if the raw i64 variable WORD is in the fixnum range."
  `(%i64.eq ,word (%i64.shr_s (%i64.shl ,word 33) 33)))

(defmacro %word-limbs (word)
  "The limbs of the raw unsigned i64 variable WORD, which is not zero."
  `(let ((limbs (%array-new limbs (if (%i64.eqz (%high-limb ,word)) 1 2) (%i32.wrap_i64 ,word))))
     (unless (%i64.eqz (%high-limb ,word))
       (%set-limb limbs 1 (%high-limb ,word)))
     limbs))

(defmacro %box-magnitude (negative magnitude)
  "The integer whose magnitude is the raw unsigned i64 variable MAGNITUDE, negated if the form NEGATIVE is true."
  `(cond ((%i64.lt_u ,magnitude 1073741824)
          (if ,negative
              (%fixnum (%i32.sub 0 (%i32.wrap_i64 ,magnitude)))
              (%fixnum (%i32.wrap_i64 ,magnitude))))
         (,negative
          (if (%i64.eq ,magnitude 1073741824)
              most-negative-fixnum
              (%new bignum -1 (%word-limbs ,magnitude))))
         (t (%new bignum 1 (%word-limbs ,magnitude)))))

(defmacro %box-word (word)
  "The integer of the raw signed i64 variable WORD."
  `(cond ((%fixnum-word-p ,word) (%fixnum (%i32.wrap_i64 ,word)))
         ((%i64.lt_s ,word 0)
          (let ((magnitude (%i64.sub 0 ,word)))
            (%new bignum -1 (%word-limbs magnitude))))
         (t (%new bignum 1 (%word-limbs ,word)))))

;;; The compiler passes raw i64 values between functions in a carrier: a bignum object with sign 1 and exactly two
;;; limbs, low and high, of the two's complement form. A carrier is not an integer and must not escape.

(defmacro %carrier-word (carrier)
  "The raw i64 in a carrier."
  `(let ((limbs (%get bignum digits ,carrier)))
     (%i64.or (%limb limbs 0) (%i64.shl (%limb limbs 1) 32))))

(defmacro %magnitude-word (limbs)
  "The low 64 bits of the magnitude in the variable LIMBS, a raw i64."
  `(%i64 (if (%i32.gt_u (%array-length limbs ,limbs) 1)
             (%i64.or (%limb ,limbs 0) (%i64.shl (%limb ,limbs 1) 32))
             (%limb ,limbs 0))))

(defun integer-from-i64 (boxed)
  "The integer whose two's complement form is in the carrier BOXED."
  (let ((word (%carrier-word boxed)))
    (%box-word word)))

(defun %integer-to-i64 (x)
  "A carrier of X modulo 2^64."
  (cond ((%fixnump x)
         (let ((limbs (%array-new limbs 2 (if (%i32.lt_s x 0) -1 0))))
           (%array-set limbs limbs 0 x)
           (%new bignum 1 limbs)))
        ((%is bignum x)
         (let* ((digits (%get bignum digits x))
                (magnitude (%magnitude-word digits))
                (limbs (%array-new limbs 2 0)))
           (when (%negative-bignum-p x)
             (setq magnitude (%i64.sub 0 magnitude)))
           (%set-limb limbs 0 magnitude)
           (%set-limb limbs 1 (%high-limb magnitude))
           (%new bignum 1 limbs)))
        (t (%type-error x 'integer))))

;;; Integers to words

(defun %short-integer-p (x)
  "True if the integer X has an absolute value below 2^62, so that a sum of two such values fits an i64."
  (or (%fixnump x)
      (let* ((limbs (%get bignum digits x))
             (n (%array-length limbs limbs)))
        (or (%i32.eq n 1)
            (and (%i32.eq n 2) (%i64.lt_u (%limb limbs 1) 1073741824))))))

(defun %word-integer-p (x)
  "True if the magnitude of the integer X fits 64 bits."
  (or (%fixnump x)
      (%i32.le_u (%array-length limbs (%get bignum digits x)) 2)))

(defmacro %word-magnitude (x)
  "The magnitude, a raw i64, of the integer in variable X, which satisfies %WORD-INTEGER-P."
  `(%i64 (if (%fixnump ,x)
             (%i64.extend_i32_u (if (%i32.lt_s ,x 0) (%i32.sub 0 ,x) (%i32 ,x)))
             (let ((limbs (%get bignum digits ,x)))
               (%magnitude-word limbs)))))

(defmacro %short-word (x)
  "The raw signed i64 of the integer in variable X, which satisfies %SHORT-INTEGER-P."
  `(%i64 (if (%fixnump ,x)
             (%i64.extend_i32_s ,x)
             (let* ((limbs (%get bignum digits ,x))
                    (word (%magnitude-word limbs)))
               (if (%negative-bignum-p ,x)
                   (%i64.sub 0 word)
                   (%i64 word))))))

;;; Magnitudes

(defun %magnitude (x)
  "The limbs of the absolute value of the integer X; zero has one limb. They may be X's own."
  (if (%fixnump x)
      (%array-new limbs 1 (if (%i32.lt_s x 0) (%i32.sub 0 x) x))
      (%get bignum digits x)))

(defun %significant-limbs (digits)
  "The number of limbs of DIGITS without leading zeros."
  (let ((n (%array-length limbs digits)))
    (%while (and (%i32.gt_s n 0)
                 (%i32.eqz (%array-ref limbs digits (%i32.sub n 1))))
      (setq n (%i32.sub n 1)))
    (%fixnum n)))

(defun %slice (digits start end)
  "A fresh copy of the limbs from START below END."
  (let* ((start (%i32 start))
         (n (%i32.sub (%i32 end) start))
         (copy (%array-new limbs n 0)))
    (%array-copy limbs copy 0 limbs digits start n)
    copy))

(defun %make-integer (sign digits)
  "The integer of SIGN, 1 or -1, and the magnitude DIGITS, which may have leading zeros and becomes the integer's own."
  (let ((n (%i32 (%significant-limbs digits))))
    (cond ((%i32.eqz n) 0)
          ((and (%i32.eq n 1) (%i64.le_u (%limb digits 0) 1073741824))
           (let ((word (%limb digits 0)))
             (%box-magnitude (%i32.lt_s sign 0) word)))
          ((%i32.eq n (%array-length limbs digits)) (%new bignum sign digits))
          (t (%new bignum sign (%slice digits 0 n))))))
