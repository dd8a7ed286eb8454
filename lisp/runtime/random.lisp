;;;; Random numbers (CLHS 12.1.7, 12.2 RANDOM). The generator is xoroshiro128++ (Blackman and Vigna): 128 bits of state,
;;;; 64 bits a step.

(in-package :clysm)

;;; A state is printed as #S(RANDOM-STATE :WORDS #(...)) and read back by the keyword constructor, which leaves a general
;;; vector of integers in the slot (CLHS 22.1.3.10).

(defstruct (random-state (:constructor %make-random-state (words))
                         (:constructor %read-random-state)
                         (:copier nil)
                         (:predicate random-state-p))
  ;; Two 64-bit words as four 32-bit ones.
  (words nil))

(defmacro %state-word (words index)
  "The raw i64 of two elements of WORDS from INDEX on."
  `(%i64.or (%u32 (%array-ref u32-vector ,words ,index))
            (%i64.shl (%u32 (%array-ref u32-vector ,words (%i32.add ,index 1))) 32)))

(defmacro %set-state-word (words index value)
  `(progn (%array-set u32-vector ,words ,index (%i32.wrap_i64 ,value))
          (%array-set u32-vector ,words (%i32.add ,index 1) (%i32.wrap_i64 (%i64.shr_u ,value 32)))))

(defmacro %next-word (words)
  "The next 64 random bits, a raw i64, of the generator whose state is in the variable WORDS."
  `(let* ((a (%state-word ,words 0))
          (b (%state-word ,words 2))
          (sum (%i64.add (%i64.rotl (%i64.add a b) 17) a))
          (mixed (%i64.xor a b))
          (new-a (%i64.xor (%i64.rotl a 49) (%i64.xor mixed (%i64.shl mixed 21))))
          (new-b (%i64.rotl mixed 28)))
     (%set-state-word ,words 0 new-a)
     (%set-state-word ,words 2 new-b)
     (%i64 sum)))

;;; States

(defmacro %spread (seed)
  "A raw i64 that depends on all bits of the raw i64 SEED (the finishing step of SplitMix64)."
  `(let* ((x ,seed)
          (y (%i64.mul (%i64.xor x (%i64.shr_u x 30)) -4658895280553007687))
          (z (%i64.mul (%i64.xor y (%i64.shr_u y 27)) -7723592293110705685)))
     (%i64.xor z (%i64.shr_u z 31))))

(defun %seeded-random-state (seed)
  "A random state that is a function of the integer SEED modulo 2^64."
  (let* ((words (%array-new u32-vector 4 0))
         (first (%i64.add (%i64 seed) -7046029254386353131))
         (second (%i64.add first -7046029254386353131))
         (a (%spread first))
         (b (%spread second)))
    (%set-state-word words 0 a)
    (%set-state-word words 2 b)
    (%make-random-state words)))

(defvar *random-state* (%seeded-random-state 0))

(defun %state-words (state)
  "The state's vector of words, which is made of what the reader found if need be."
  (let ((words (random-state-words (if (random-state-p state) state (%type-error state 'random-state)))))
    (if (%is u32-vector words)
        words
        (let ((copy (%array-new u32-vector 4 0)))
          (dotimes (i 4)
            (%array-set u32-vector copy i (%i32.wrap_i64 (%i64 (elt words i)))))
          (setf (random-state-words state) copy)
          copy))))

(defun %copy-random-state (state)
  (let ((words (%array-new u32-vector 4 0)))
    (%array-copy u32-vector words 0 u32-vector (%state-words state) 0 4)
    (%make-random-state words)))

(defun make-random-state (&optional state)
  (cond ((eq state t) (%seeded-random-state (%random.fill)))
        ((null state) (%copy-random-state *random-state*))
        (t (%copy-random-state state))))

;;; Numbers

(defun %random-fixnum (limit words)
  "A random fixnum below the positive fixnum LIMIT: the high half of a product with 32 random bits, and another try if
the low half is in the part that would make some numbers likelier (Lemire)."
  (let* ((range (%i64.extend_i32_u limit))
         (product (%i64.mul (%i64.shr_u (%next-word words) 32) range)))
    (when (%i64.lt_u (%low-limb product) range)
      (let ((excess (%i64.rem_u (%i64.sub 4294967296 range) range)))
        (%while (%i64.lt_u (%low-limb product) excess)
          (setq product (%i64.mul (%i64.shr_u (%next-word words) 32) range)))))
    (%fixnum (%i32.wrap_i64 (%high-limb product)))))

(defun %random-bits (count words)
  "A random integer of COUNT bits."
  (let* ((n (%i32.shr_u (%i32.add count 31) 5))
         (digits (%array-new limbs n 0))
         (i (%i32 0)))
    (%while (%i32.lt_u i n)
      (%set-limb digits i (%i64.shr_u (%next-word words) 32))
      (setq i (%i32.add i 1)))
    (%low-bits (%make-integer 1 digits) count)))

(defun %random-bignum (limit words)
  "A random integer below the positive bignum LIMIT: as many bits as it has, until the number is below it."
  (let* ((count (integer-length limit))
         (number (%random-bits count words)))
    (%while (not (eq (%compare-integers number limit) -1))
      (setq number (%random-bits count words)))
    number))

(defun %random-double (limit words)
  "A random double from zero below the positive finite double LIMIT."
  (let* ((limit (%get double value limit))
         (value (%f64.mul limit (%f64.mul (%f64.convert_i64_u (%i64.shr_u (%next-word words) 11))
                                          1.1102230246251565d-16))))
    ;; The product of a denormalised limit may be rounded up to it.
    (%while (%f64.ge value limit)
      (setq value (%f64.mul value 0.5d0)))
    (%new double value)))

(defun %random-single (limit words)
  "A random single from zero below the positive finite single LIMIT."
  (let* ((limit (%get single value limit))
         (value (%f32.mul limit (%f32.mul (%f32.convert_i64_u (%i64.shr_u (%next-word words) 40))
                                          5.9604645f-8))))
    (%while (%f32.ge value limit)
      (setq value (%f32.mul value 0.5f0)))
    (%new single value)))

(defun random (limit &optional (random-state *random-state*))
  (let ((words (%state-words random-state)))
    (cond ((and (%fixnump limit) (%i32.gt_s limit 0)) (%random-fixnum limit words))
          ((and (%is bignum limit) (not (%negative-bignum-p limit))) (%random-bignum limit words))
          ((and (%is double limit) (plusp limit) (%finite-number-p limit)) (%random-double limit words))
          ((and (%is single limit) (plusp limit) (%finite-number-p limit)) (%random-single limit words))
          (t (%type-error limit '(or (integer (0)) (float (0))))))))
