;;;; Integers as bit strings: shifts, the logical operations on two's complement forms, counting bits, and the division
;;;; by halves that is made of them.

(in-package :clysm)

;;; Length (CLHS INTEGER-LENGTH)

(defun %limbs-bit-length (digits)
  "The number of bits of a magnitude."
  (let ((n (%i32 (%significant-limbs digits))))
    (if (%i32.eqz n)
        0
        (- (* 32 (%fixnum n))
           (%fixnum (%i32.clz (%array-ref limbs digits (%i32.sub n 1))))))))

(defun %power-of-two-limbs-p (digits)
  "True if a magnitude is a power of two."
  (let ((top (%i32.sub (%i32 (%significant-limbs digits)) 1))
        (i (%i32 0)))
    (and (%i32.ge_s top 0)
         (%i32.eq (%i32.popcnt (%array-ref limbs digits top)) 1)
         (progn
           (%while (and (%i32.lt_s i top) (%i32.eqz (%array-ref limbs digits i)))
             (setq i (%i32.add i 1)))
           (%i32.eq i top)))))

(defun integer-length (integer)
  (cond ((%fixnump integer)
         (%fixnum (%i32.sub 32 (%i32.clz (%i32.xor integer (%i32.shr_s integer 31))))))
        ((%is bignum integer)
         (let* ((digits (%get bignum digits integer))
                (bits (%limbs-bit-length digits)))
           (if (and (%negative-bignum-p integer) (%power-of-two-limbs-p digits))
               (- bits 1)
               bits)))
        (t (%type-error integer 'integer))))

;;; Shifts (CLHS ASH)

(defconstant %maximum-bits 536870912
  "No integer is made with more bits than this (64 MB): a slip of a shift count is an error, not the end of the heap.")

(defun %integer-too-large ()
  (%error "An integer of more than ~D bits is not representable." %maximum-bits))

(defun %shift-left (x count)
  "The integer X times two to the power COUNT, a fixnum not less than zero."
  (if (and (%fixnump x) (%i32.lt_s count 33))
      (let ((word (%i64.shl (%i64.extend_i32_s x) (%i64.extend_i32_s count))))
        (%box-i64 word))
      (let ((digits (%magnitude x)))
        (cond ((eq x 0) 0)
              ((> (+ count (%limbs-bit-length digits)) %maximum-bits) (%integer-too-large))
              (t (let* ((n (%array-length limbs digits))
                        (skip (%i32.shr_u count 5))
                        (shifted (%array-new limbs (%i32.add (%i32.add n skip) 1) 0)))
                   (%shift-limbs-into shifted (%fixnum skip) digits (%fixnum (%i32.and count 31)))
                   (%make-integer (%integer-sign x) shifted)))))))

(defun %shift-limbs-into (target offset digits bits)
  "Stores DIGITS shifted up by BITS, 0 to 31, into TARGET from limb OFFSET on, which has room for a limb more."
  (let ((n (%array-length limbs digits))
        (bits (%i64 bits))
        (carry (%i64 0))
        (k (%i32 offset))
        (i (%i32 0)))
    (%while (%i32.lt_u i n)
      (setq carry (%i64.or carry (%i64.shl (%limb digits i) bits)))
      (%set-limb target k carry)
      (setq carry (%high-limb carry))
      (setq i (%i32.add i 1))
      (setq k (%i32.add k 1)))
    (%set-limb target k carry)))

(defun %low-bits-zero-p (digits count)
  "True if the COUNT low bits of a magnitude are all zero; there are more than COUNT bits."
  (let ((whole (%i32.shr_u count 5))
        (bits (%i32.and count 31))
        (i (%i32 0)))
    (%while (and (%i32.lt_u i whole) (%i32.eqz (%array-ref limbs digits i)))
      (setq i (%i32.add i 1)))
    (and (%i32.eq i whole)
         (or (%i32.eqz bits)
             (%i32.eqz (%i32.shl (%array-ref limbs digits whole) (%i32.sub 32 bits)))))))

(defun %shift-right (x count)
  "The floor of the integer X divided by two to the power COUNT, a fixnum not less than zero."
  (if (%fixnump x)
      (%fixnum (%i32.shr_s x (if (%i32.gt_u count 31) 31 (%i32 count))))
      (let* ((digits (%get bignum digits x))
             (negative (%negative-bignum-p x)))
        (if (>= count (%limbs-bit-length digits))
            (if negative -1 0)
            (let ((shifted (%make-integer (%integer-sign x)
                                          (%shift-limbs-right
                                           (%slice digits (%fixnum (%i32.shr_u count 5)) (%array-length limbs digits))
                                           (%fixnum (%i32.and count 31))))))
              ;; The magnitude was truncated; the floor of a negative number with a fraction is one less.
              (if (and negative (not (%low-bits-zero-p digits count)))
                  (%integer-subtract shifted 1)
                  shifted))))))

(defun %ash (x count)
  "The integer X shifted by the fixnum COUNT."
  (if (%i32.lt_s count 0)
      (%shift-right x (- count))
      (%shift-left x count)))

(defun ash (integer count)
  (%check-integer integer)
  (cond ((%fixnump count)
         (if (eq count most-negative-fixnum)
             (%shift-right (%shift-right integer most-positive-fixnum) 1)
             (%ash integer count)))
        ((not (%is bignum count)) (%type-error count 'integer))
        ((%negative-bignum-p count) (if (%negative-p integer) -1 0))
        ((eq integer 0) 0)
        (t (%integer-too-large))))

;;; Logical operations on two's complement forms (CLHS LOGAND)

(defmacro %signed-limb (digits length index negative carry)
  "The limb at INDEX of the two's complement form of a magnitude; CARRY is a variable that begins as one."
  `(let ((limb (%i64 (if (%i32.lt_u ,index ,length) (%limb ,digits ,index) (%i64 0)))))
     (when ,negative
       (setq ,carry (%i64.add (%i64.xor limb 4294967295) ,carry))
       (setq limb (%low-limb ,carry))
       (setq ,carry (%high-limb ,carry)))
     (%i64 limb)))

(defun %complement-in-place (digits)
  "Negates the two's complement number in DIGITS."
  (let ((n (%array-length limbs digits))
        (carry (%i64 1))
        (i (%i32 0)))
    (%while (%i32.lt_u i n)
      (setq carry (%i64.add carry (%i64.xor (%limb digits i) 4294967295)))
      (%set-limb digits i carry)
      (setq carry (%high-limb carry))
      (setq i (%i32.add i 1)))
    digits))

(defun %integer-from-twos (digits)
  "The integer whose two's complement form is in DIGITS, which it may destroy."
  (if (%i32.lt_s (%array-ref limbs digits (%i32.sub (%array-length limbs digits) 1)) 0)
      (%make-integer -1 (%complement-in-place digits))
      (%make-integer 1 digits)))

(defmacro %define-logical (name word-operation)
  "Defines NAME as the logical operation of two integers that WORD-OPERATION does on raw words."
  `(defun ,name (a b)
     (if (and (%short-integer-p a) (%short-integer-p b))
         (let ((word (,word-operation (%short-word a) (%short-word b))))
           (%box-i64 word))
         (let* ((da (%magnitude a))
                (db (%magnitude b))
                (na (%array-length limbs da))
                (nb (%array-length limbs db))
                (n (%i32.add (if (%i32.gt_u na nb) (%i32 na) (%i32 nb)) 1))
                (result (%array-new limbs n 0))
                (negative-a (%negative-p a))
                (negative-b (%negative-p b))
                (carry-a (%i64 1))
                (carry-b (%i64 1))
                (i (%i32 0)))
           (%while (%i32.lt_u i n)
             (%set-limb result i (,word-operation (%signed-limb da na i negative-a carry-a)
                                                  (%signed-limb db nb i negative-b carry-b)))
             (setq i (%i32.add i 1)))
           (%integer-from-twos result)))))

(%define-logical %integer-and %i64.and)
(%define-logical %integer-or %i64.or)
(%define-logical %integer-xor %i64.xor)

;;; Counting bits

(defun %limbs-bit-count (digits)
  "The number of ones in a magnitude."
  (let ((n (%array-length limbs digits))
        (count (%i32 0))
        (i (%i32 0)))
    (%while (%i32.lt_u i n)
      (setq count (%i32.add count (%i32.popcnt (%array-ref limbs digits i))))
      (setq i (%i32.add i 1)))
    (%fixnum count)))

(defun logcount (integer)
  (cond ((%fixnump integer)
         (%fixnum (%i32.popcnt (%i32.xor integer (%i32.shr_s integer 31)))))
        ((not (%is bignum integer)) (%type-error integer 'integer))
        ((%negative-bignum-p integer)
         (%limbs-bit-count (%magnitude (%integer-subtract -1 integer))))
        (t (%limbs-bit-count (%get bignum digits integer)))))

(defun %trailing-zeros (x)
  "The number of zero bits below the lowest one bit of the integer X, which is not zero."
  (let ((digits (%magnitude x))
        (i (%i32 0)))
    (%while (%i32.eqz (%array-ref limbs digits i))
      (setq i (%i32.add i 1)))
    (+ (* 32 (%fixnum i)) (%fixnum (%i32.ctz (%array-ref limbs digits i))))))

(defun %integer-odd-p (x)
  (if (%fixnump x)
      (%i32.eq (%i32.and x 1) 1)
      (%i32.eq (%i32.and (%array-ref limbs (%get bignum digits x) 0) 1) 1)))

(defun %low-bits (x count)
  "The COUNT low bits of the integer X, which is not negative; COUNT is a fixnum."
  (if (and (%fixnump x) (%i32.ge_s count 30))
      x
      (let* ((digits (%magnitude x))
             (whole (%i32.shr_u count 5))
             (bits (%i32.and count 31)))
        (if (%i32.ge_u whole (%array-length limbs digits))
            x
            (let ((low (%slice digits 0 (%i32.add whole 1))))
              (%set-limb low whole
                         (%i64.and (%limb low whole)
                                   (%i64.sub (%i64.shl 1 (%i64.extend_i32_u bits)) 1)))
              (%make-integer 1 low))))))

;;; Division of long magnitudes by halves (Burnikel and Ziegler), which turns division into multiplication. The
;;; dividend is cut into pieces as long as the divisor; two pieces by one is done as two steps of three halves by two.

(defconstant %halves-limbs 80
  "From this number of limbs of divisor and quotient on, division by halves is faster.")

(defun %long-division-p (a b)
  "True if the integer A is to be divided by B by halves."
  (and (%is bignum a)
       (%is bignum b)
       (let ((n (%array-length limbs (%get bignum digits b))))
         (and (%i32.ge_u n %halves-limbs)
              (%i32.ge_s (%i32.sub (%array-length limbs (%get bignum digits a)) n) %halves-limbs)))))

(defun %divide-two-by-one (a b bits)
  "Quotient and remainder of A by B, which has BITS bits; A is less than B shifted up by BITS."
  (if (or (not (eq (%low-bits bits 1) 0)) (< bits (* 32 %halves-limbs)))
      (%truncate-schoolbook a b)
      (let* ((half (%shift-right bits 1))
             (b-high (%shift-right b half))
             (b-low (%low-bits b half)))
        (multiple-value-bind (q-high rest)
            (%divide-three-by-two (%shift-right a bits) (%low-bits (%shift-right a half) half) b b-high b-low half)
          (multiple-value-bind (q-low rest)
              (%divide-three-by-two rest (%low-bits a half) b b-high b-low half)
            (values (%integer-or (%shift-left q-high half) q-low) rest))))))

(defun %divide-three-by-two (a-high a-low b b-high b-low bits)
  "Quotient and remainder of A-HIGH, A-LOW by B, that is B-HIGH, B-LOW; A-LOW, B-HIGH and B-LOW have BITS bits."
  (let ((quotient 0) (rest 0))
    (if (eq (%compare-integers (%shift-right a-high bits) b-high) 0)
        (setq quotient (%integer-subtract (%shift-left 1 bits) 1)
              rest (%integer-add (%integer-subtract a-high (%shift-left b-high bits)) b-high))
        (multiple-value-setq (quotient rest) (%divide-two-by-one a-high b-high bits)))
    (setq rest (%integer-subtract (%integer-or (%shift-left rest bits) a-low)
                                  (%integer-multiply quotient b-low)))
    (%while (%negative-p rest)
      (setq quotient (%integer-subtract quotient 1))
      (setq rest (%integer-add rest b)))
    (values quotient rest)))

(defun %truncate-schoolbook (a b)
  "Quotient and remainder of two integers that are not negative."
  (multiple-value-bind (quotient rest) (%divide-limbs (%magnitude a) (%magnitude b))
    (values (%make-integer 1 quotient) (%make-integer 1 rest))))

(defun %divide-pieces (a b)
  "Quotient and remainder of two integers that are not negative, B with a multiple of 32 bits and long."
  (let* ((bits (integer-length b))
         (count (%integer-quotient (integer-length a) bits))
         (quotient 0)
         (rest (%shift-right a (* count bits))))
    (when (not (eq (%compare-integers rest b) -1))
      (setq rest (%integer-subtract rest b)
            quotient 1))
    (%while (> count 0)
      (setq count (- count 1))
      (let ((piece (%low-bits (%shift-right a (* count bits)) bits)))
        (multiple-value-bind (digit new-rest)
            (%divide-two-by-one (%integer-or (%shift-left rest bits) piece) b bits)
          (setq quotient (%integer-or (%shift-left quotient bits) digit)
                rest new-rest))))
    (values quotient rest)))

(defun %truncate-by-halves (a b)
  "The truncated quotient and the remainder of two long integers."
  (let* ((positive-a (if (%negative-p a) (%integer-negate a) a))
         (positive-b (if (%negative-p b) (%integer-negate b) b))
         ;; The divisor gets a length that can be halved down to the threshold, all halves on limb boundaries.
         (length (integer-length positive-b))
         (unit 32))
    (%while (< (* unit %halves-limbs) length)
      (setq unit (* 2 unit)))
    (let* ((shift (%integer-remainder (- unit (%integer-remainder length unit)) unit)))
      (multiple-value-bind (quotient rest)
          (%divide-pieces (%shift-left positive-a shift) (%shift-left positive-b shift))
        (setq rest (%shift-right rest shift))
        (values (if (eq (%negative-p a) (%negative-p b)) quotient (%integer-negate quotient))
                (if (%negative-p a) (%integer-negate rest) rest))))))
