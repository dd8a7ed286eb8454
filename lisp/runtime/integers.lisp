;;;; Integers: the two representations, and magnitudes as arrays of limbs.
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

(declaim (inline %negative-p %integer-sign %check-integer))

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

;;; Integers that fit words

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
