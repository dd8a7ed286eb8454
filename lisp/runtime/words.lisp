;;;; Integers and raw 64-bit words. Compiled code calls %BOX-I64 and %UNBOX-I64 by itself wherever a raw i64 meets
;;;; an ordinary value, so this file comes before all others; it uses no macros but the compiler's own.

(in-package :clysm)

;;; Words to integers

(%define-raw %word-limbs ((word i64)) eq
  ;; The magnitude of an unsigned word that is not zero.
  (if (%i64.eqz (%i64.shr_u word 32))
      (%array-new limbs 1 (%i32.wrap_i64 word))
      (let ((limbs (%array-new limbs 2 (%i32.wrap_i64 word))))
        (%array-set limbs limbs 1 (%i32.wrap_i64 (%i64.shr_u word 32)))
        limbs)))

(%define-raw %box-i64 ((word i64)) eq
  ;; The integer of a signed word. A fixnum's upper 34 bits are all the same.
  (cond ((%i64.eq word (%i64.shr_s (%i64.shl word 33) 33)) (%fixnum (%i32.wrap_i64 word)))
        ((%i64.lt_s word 0) (%new bignum -1 (%word-limbs (%i64.sub 0 word))))
        (t (%new bignum 1 (%word-limbs word)))))

(%define-raw %box-magnitude ((negative condition) (magnitude i64)) eq
  ;; The integer of an unsigned word, negated if NEGATIVE.
  (cond ((%i64.lt_u magnitude 1073741824)
         (if negative
             (%fixnum (%i32.sub 0 (%i32.wrap_i64 magnitude)))
             (%fixnum (%i32.wrap_i64 magnitude))))
        ((not negative) (%new bignum 1 (%word-limbs magnitude)))
        ((%i64.eq magnitude 1073741824) -1073741824)
        (t (%new bignum -1 (%word-limbs magnitude)))))

;;; Integers to words

(%define-raw %magnitude-word ((limbs eq)) i64
  ;; The low 64 bits of a magnitude.
  (if (%i32.gt_u (%array-length limbs limbs) 1)
      (%i64.or (%u32 (%array-ref limbs limbs 0))
               (%i64.shl (%u32 (%array-ref limbs limbs 1)) 32))
      (%u32 (%array-ref limbs limbs 0))))

(%define-raw %short-word ((x eq)) i64
  ;; The integer X modulo 2^64.
  (if (%fixnump x)
      (%i64.extend_i32_s x)
      (let ((word (%magnitude-word (%get bignum digits x))))
        (if (%i32.lt_s (%get bignum sign x) 0)
            (%i64.sub 0 word)
            word))))

(%define-raw %unbox-i64 ((x eq)) i64
  ;; The same for any object: a TYPE-ERROR if it's no integer.
  (cond ((%fixnump x) (%i64.extend_i32_s x))
        ((%is bignum x) (%short-word x))
        (t (%i64 (%type-error x 'integer)))))

(%define-raw %word-magnitude ((x eq)) i64
  ;; The absolute value of the integer X modulo 2^64.
  (if (%fixnump x)
      (%i64.extend_i32_u (if (%i32.lt_s x 0) (%i32.sub 0 x) (%i32 x)))
      (%magnitude-word (%get bignum digits x))))
