;;;; Number theory on integers: greatest common divisor, powers, integer square root.

(in-package :clysm)

;;; Greatest common divisor (CLHS GCD, LCM): binary on words, Lehmer's on bignums (Knuth 2, 4.5.2, algorithm L).

(defmacro %word-gcd (x y)
  "The greatest common divisor of the raw unsigned i64 variables X and Y, not both zero; destroys them."
  `(%i64 (cond ((%i64.eqz ,x) (%i64 ,y))
               ((%i64.eqz ,y) (%i64 ,x))
               (t (let ((shift (%i64.ctz (%i64.or ,x ,y))))
                    (setq ,x (%i64.shr_u ,x (%i64.ctz ,x)))
                    (setq ,y (%i64.shr_u ,y (%i64.ctz ,y)))
                    (%while (not (%i64.eq ,x ,y))
                      (if (%i64.gt_u ,x ,y)
                          (progn (setq ,x (%i64.sub ,x ,y))
                                 (setq ,x (%i64.shr_u ,x (%i64.ctz ,x))))
                          (progn (setq ,y (%i64.sub ,y ,x))
                                 (setq ,y (%i64.shr_u ,y (%i64.ctz ,y))))))
                    (%i64.shl ,x shift))))))

(defun %short-gcd (a b)
  "The greatest common divisor of two integers whose magnitudes fit 64 bits."
  (let ((x (%i64 (%word-magnitude a)))
        (y (%i64 (%word-magnitude b))))
    (if (and (%i64.eqz x) (%i64.eqz y))
        0
        (let ((divisor (%word-gcd x y)))
          (%box-magnitude nil divisor)))))

(defmacro %leading-word (digits shift)
  "The raw i64 of DIGITS shifted right by the integer SHIFT; fewer than 62 bits remain."
  `(%short-word (%shift-right (%make-integer 1 ,digits) ,shift)))

(defun %combine (digits-a factor-a digits-b factor-b)
  "The integer FACTOR-A times A plus FACTOR-B times B, of which one factor is not positive and the value not negative.
The factors are integers below 2^31."
  (let* ((na (%array-length limbs digits-a))
         (nb (%array-length limbs digits-b))
         (n (if (%i32.gt_u na nb) (%i32 na) (%i32 nb)))
         (result (%array-new limbs n 0))
         (fa (%i64 factor-a))
         (fb (%i64 factor-b))
         (carry (%i64 0))
         (i (%i32 0)))
    (%while (%i32.lt_u i n)
      (when (%i32.lt_u i na)
        (setq carry (%i64.add carry (%i64.mul fa (%limb digits-a i)))))
      (when (%i32.lt_u i nb)
        (setq carry (%i64.add carry (%i64.mul fb (%limb digits-b i)))))
      (%set-limb result i carry)
      (setq carry (%i64.shr_s carry 32))
      (setq i (%i32.add i 1)))
    (%make-integer 1 result)))

(defun %lehmer-step (x y)
  "Two smaller integers with the greatest common divisor of X and Y, both positive bignums, X not less than Y."
  (let* ((dx (%get bignum digits x))
         (dy (%get bignum digits y))
         (shift (- (%limbs-bit-length dx) 31))
         (top-x (%i64 (%leading-word dx shift)))
         (top-y (%i64 (%leading-word dy shift)))
         (a (%i64 1)) (b (%i64 0)) (c (%i64 0)) (d (%i64 1))
         (quotient (%i64 0)) (going t))
    (%while going
      (if (or (%i64.eqz (%i64.add top-y c)) (%i64.eqz (%i64.add top-y d)))
          (setq going nil)
          (progn
            (setq quotient (%i64.div_s (%i64.add top-x a) (%i64.add top-y c)))
            (if (%i64.ne quotient (%i64.div_s (%i64.add top-x b) (%i64.add top-y d)))
                (setq going nil)
                (let ((next-a (%i64.sub a (%i64.mul quotient c)))
                      (next-b (%i64.sub b (%i64.mul quotient d)))
                      (next-y (%i64.sub top-x (%i64.mul quotient top-y))))
                  (setq a c)
                  (setq c next-a)
                  (setq b d)
                  (setq d next-b)
                  (setq top-x top-y)
                  (setq top-y next-y))))))
    (if (%i64.eqz b)
        (values y (%integer-remainder x y))
        (values (%combine dx (%box-i64 a) dy (%box-i64 b))
                (%combine dx (%box-i64 c) dy (%box-i64 d))))))

(defun %integer-gcd (a b)
  "The greatest common divisor of two integers."
  (if (and (%word-integer-p a) (%word-integer-p b))
      (%short-gcd a b)
      (let ((x (if (%negative-p a) (%integer-negate a) a))
            (y (if (%negative-p b) (%integer-negate b) b)))
        (when (eq (%compare-integers x y) -1)
          (let ((swap x)) (setq x y y swap)))
        (%while (not (%word-integer-p y))
          (multiple-value-setq (x y)
            (if (> (- (integer-length x) (integer-length y)) 30)
                (values y (%integer-remainder x y))
                (%lehmer-step x y)))
          (when (eq (%compare-integers x y) -1)
            (let ((swap x)) (setq x y y swap))))
        (cond ((eq y 0) x)
              ((%word-integer-p x) (%short-gcd x y))
              (t (%short-gcd y (%integer-remainder x y)))))))

(defun %integer-lcm (a b)
  "The least common multiple of two integers."
  (if (or (eq a 0) (eq b 0))
      0
      (let ((multiple (%integer-multiply (%integer-quotient a (%integer-gcd a b)) b)))
        (if (%negative-p multiple) (%integer-negate multiple) multiple))))

(defun gcd (&rest integers)
  (let ((divisor 0))
    (dolist (x integers divisor)
      (setq divisor (%integer-gcd divisor (%check-integer x))))))

(defun lcm (&rest integers)
  (let ((multiple 1))
    (dolist (x integers multiple)
      (setq multiple (%integer-lcm multiple (%check-integer x))))))

;;; Powers

(defun %integer-power (base power)
  "The integer BASE to the POWER, a fixnum not less than zero."
  (cond ((eq power 0) 1)
        ((eq base 2) (%shift-left 1 power))
        ((eq base 0) 0)
        ((eq base 1) 1)
        ((eq base -1) (if (%integer-odd-p power) -1 1))
        ((> power (%integer-quotient %maximum-bits (max 1 (- (integer-length base) 1)))) (%integer-too-large))
        (t (let ((zeros (if (%integer-odd-p base) 0 (%trailing-zeros base))))
             (%shift-left (%odd-power (%shift-right base zeros) power) (* zeros power))))))

(defun %odd-power (base power)
  "BASE to the POWER, a fixnum above zero, by squaring from the top bit of POWER down."
  (let ((result base)
        (bit (- (integer-length power) 2)))
    (%while (>= bit 0)
      (setq result (%integer-multiply result result))
      (when (%integer-odd-p (%shift-right power bit))
        (setq result (%integer-multiply result base)))
      (setq bit (- bit 1)))
    result))

;;; Square root (CLHS ISQRT)

(defun %integer-square-root (n)
  "The floor of the square root of the integer N, not negative."
  (if (< (integer-length n) 52)
      (let ((root (%i64.trunc_sat_f64_s (%f64.sqrt (%f64.convert_i64_s (%short-word n))))))
        (%box-i64 root))
      ;; The root of the upper half of the bits, one more so that it's not below, is a start from which Newton's
      ;; iteration descends to the root in one or two steps.
      (let* ((quarter (%shift-right (- (integer-length n) 1) 2))
             (root (%shift-left (%integer-add (%integer-square-root (%shift-right n (* 2 quarter))) 1) quarter))
             (next (%newton-step n root)))
        (%while (eq (%compare-integers next root) -1)
          (setq root next)
          (setq next (%newton-step n root)))
        root)))

(defun %newton-step (n root)
  (%shift-right (%integer-add root (%integer-quotient n root)) 1))

(defun isqrt (natural)
  (if (and (%integer-p natural) (not (%negative-p natural)))
      (%integer-square-root natural)
      (%type-error natural '(integer 0))))
