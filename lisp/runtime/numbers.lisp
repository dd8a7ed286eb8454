;;;; The numeric tower: predicates, ratios, and the two-argument arithmetic functions with contagion (CLHS 12.1).
;;;;
;;;; Every function tries fixnums, then doubles; what remains goes through the levels of the tower: 0 integer,
;;;; 1 ratio, 2 single-float, 3 double-float, 4 complex. The higher level of the two operands decides.

(in-package :clysm)

;;; Predicates

(defun integerp (object) (%integer-p object))
(defun rationalp (object) (or (%integer-p object) (%is ratio object)))
(defun floatp (object) (or (%is single object) (%is double object)))

(defmacro %real-p (x)
  `(or (%integer-p ,x) (%is double ,x) (%is single ,x) (%is ratio ,x)))

(defun realp (object) (%real-p object))
(defun complexp (object) (%is complex object))
(defun numberp (object) (or (%real-p object) (%is complex object)))

(defun %check-number (x)
  (if (or (%real-p x) (%is complex x)) x (%type-error x 'number)))

(defun %require-real (x)
  (if (%real-p x) x (%type-error x 'real)))

(defun %number-level (x)
  "The level of the number X in the tower."
  (cond ((%integer-p x) 0)
        ((%is double x) 3)
        ((%is single x) 2)
        ((%is ratio x) 1)
        ((%is complex x) 4)
        (t (%type-error x 'number))))

(defun %real-level (x)
  (let ((level (if (%is complex x) 4 (%number-level x))))
    (if (eq level 4) (%type-error x 'real) level)))

;;; Ratios

(defun numerator (rational)
  (cond ((%integer-p rational) rational)
        ((%is ratio rational) (%get ratio numerator rational))
        (t (%type-error rational 'rational))))

(defun denominator (rational)
  (cond ((%integer-p rational) 1)
        ((%is ratio rational) (%get ratio denominator rational))
        (t (%type-error rational 'rational))))

(defun %reduced-ratio (numerator denominator)
  "The quotient of two integers without common divisor, the denominator positive."
  (if (eq denominator 1)
      numerator
      (%new ratio numerator denominator)))

(defun %make-rational (numerator denominator)
  "The quotient of two integers, the denominator not zero."
  (let ((divisor (%integer-gcd numerator denominator)))
    (when (%negative-p denominator)
      (setq divisor (%integer-negate divisor)))
    (if (eq divisor 1)
        (%reduced-ratio numerator denominator)
        (%reduced-ratio (%integer-quotient numerator divisor)
                        (%integer-quotient denominator divisor)))))

(defun %ratio-sum (combine a b)
  "The sum or difference, as COMBINE, a function of two integers, says, of two rationals (Knuth 2, 4.5.1)."
  (let* ((na (numerator a))
         (da (denominator a))
         (nb (numerator b))
         (db (denominator b))
         (divisor (%integer-gcd da db)))
    (if (eq divisor 1)
        (%reduced-ratio (funcall combine (%integer-multiply na db) (%integer-multiply nb da))
                        (%integer-multiply da db))
        (let* ((part (%integer-quotient da divisor))
               (sum (funcall combine (%integer-multiply na (%integer-quotient db divisor))
                             (%integer-multiply nb part)))
               (common (%integer-gcd sum divisor)))
          (%reduced-ratio (%integer-quotient sum common)
                          (%integer-multiply part (%integer-quotient db common)))))))

(defun %ratio-add (a b) (%ratio-sum #'%integer-add a b))
(defun %ratio-subtract (a b) (%ratio-sum #'%integer-subtract a b))

(defun %multiply-fractions (na da nb db)
  "The product of NA/DA and NB/DB, both in lowest terms, the denominators positive."
  (let ((common-a (%integer-gcd na db))
        (common-b (%integer-gcd nb da)))
    (%reduced-ratio (%integer-multiply (%integer-quotient na common-a) (%integer-quotient nb common-b))
                    (%integer-multiply (%integer-quotient da common-b) (%integer-quotient db common-a)))))

(defun %ratio-multiply (a b)
  (%multiply-fractions (numerator a) (denominator a) (numerator b) (denominator b)))

(defun %ratio-divide (a b)
  (let ((n (numerator b))
        (d (denominator b)))
    (when (eq n 0)
      (%division-by-zero '/ a b))
    (if (%negative-p n)
        (%multiply-fractions (numerator a) (denominator a) (%integer-negate d) (%integer-negate n))
        (%multiply-fractions (numerator a) (denominator a) d n))))

;;; Arithmetic errors (CLHS 12.1.4.3)

(defvar *float-traps* t
  "When true, float operations signal an error where IEEE 754 has an overflow, an invalid operation or a division by zero.")

(defun %division-by-zero (operation a b)
  (%error 'division-by-zero :operation operation :operands (list a b)))

(defmacro %finite-f64-p (x)
  "True if the raw f64 variable X is neither infinite nor a NaN."
  `(%f64.eq (%f64.sub ,x ,x) 0d0))

(defun %finite-number-p (x)
  "False of float infinities and NaNs, true of all other numbers."
  (cond ((%is double x)
         (let ((value (%get double value x))) (%finite-f64-p value)))
        ((%is single x)
         (let ((value (%f64.promote_f32 (%get single value x)))) (%finite-f64-p value)))
        (t t)))

(defun %float-trap (operation a b result)
  "Handles the infinite or NaN float RESULT of OPERATION on A and B (IEEE 754, 7)."
  (cond ((not *float-traps*) result)
        ((/= result result)
         (if (and (= a a) (= b b))
             (%error 'floating-point-invalid-operation :operation operation :operands (list a b))
             result))
        ((not (and (%finite-number-p a) (%finite-number-p b))) result)
        ((and (eq operation '/) (zerop b)) (%division-by-zero operation a b))
        (t (%error 'floating-point-overflow :operation operation :operands (list a b)))))

(defmacro %checked-double (operation a b value)
  "The double of the raw f64 VALUE, the result of OPERATION on the numbers A and B, if it's finite."
  `(let ((result ,value))
     (if (%finite-f64-p result)
         (%new double result)
         (%float-trap ',operation ,a ,b (%new double result)))))

(defmacro %checked-single (operation a b value)
  `(let ((result ,value))
     (if (%f32.eq (%f32.sub result result) 0f0)
         (%new single result)
         (%float-trap ',operation ,a ,b (%new single result)))))

;;; The two-argument operations

(defmacro %by-level (level integer ratio single double complex)
  "The form for the LEVEL of %NUMBER-LEVEL. Those for types of which a program makes no numbers fall away."
  `(let ((level ,level))
     (cond ((and (%possible complex) (%i32.eq level 4)) ,complex)
           ((and (%possible double) (%i32.eq level 3)) ,double)
           ((and (%possible single) (%i32.eq level 2)) ,single)
           ((and (%possible ratio) (%i32.eq level 1)) ,ratio)
           (t ,integer))))

(defmacro %define-arithmetic (name slow operation &key fixnum integer ratio single double complex)
  "Defines NAME as the function of two numbers A and B. FIXNUM is a form for two fixnums; INTEGER, RATIO and COMPLEX
name functions for operands of these levels; SINGLE and DOUBLE name raw instructions. SLOW is the rest of the function."
  `(progn
     (defun ,name (a b)
       (cond ((and (%fixnump a) (%fixnump b)) ,fixnum)
             ((and (%is double a) (%is double b))
              (%checked-double ,operation a b (,double (%get double value a) (%get double value b))))
             ((and (%integer-p a) (%integer-p b)) (,integer a b))
             ((and (%is single a) (%is single b))
              (%checked-single ,operation a b (,single (%get single value a) (%get single value b))))
             (t (,slow a b))))
     (defun ,slow (a b)
       (let ((level-a (%number-level a))
             (level-b (%number-level b)))
         (%by-level (if (%i32.gt_s level-a level-b) level-a level-b)
           (,integer a b)
           (,ratio a b)
           (%checked-single ,operation a b
                            (,single (%get single value (%to-single a)) (%get single value (%to-single b))))
           (%checked-double ,operation a b
                            (,double (%get double value (%to-double a)) (%get double value (%to-double b))))
           (,complex a b))))))

(%define-arithmetic generic-add %add-slow +
  :fixnum (let ((sum (%i64.add (%i64.extend_i32_s a) (%i64.extend_i32_s b)))) (%box-i64 sum))
  :integer %integer-add :ratio %ratio-add :single %f32.add :double %f64.add :complex %complex-add)

(%define-arithmetic generic-subtract %subtract-slow -
  :fixnum (let ((difference (%i64.sub (%i64.extend_i32_s a) (%i64.extend_i32_s b)))) (%box-i64 difference))
  :integer %integer-subtract :ratio %ratio-subtract :single %f32.sub :double %f64.sub :complex %complex-subtract)

(%define-arithmetic generic-multiply %multiply-slow *
  :fixnum (let ((product (%i64.mul (%i64.extend_i32_s a) (%i64.extend_i32_s b)))) (%box-i64 product))
  :integer %integer-multiply :ratio %ratio-multiply :single %f32.mul :double %f64.mul :complex %complex-multiply)

(%define-arithmetic generic-divide %divide-slow /
  :fixnum (%integer-divide a b)
  :integer %integer-divide :ratio %ratio-divide :single %f32.div :double %f64.div :complex %complex-divide)

(defun %integer-divide (a b)
  "The rational quotient of two integers."
  (cond ((eq b 0) (%division-by-zero '/ a b))
        ((and (%fixnump a) (%fixnump b) (%i32.eqz (%i32.rem_s a b)))
         (%integer-quotient a b))
        (t (%make-rational a b))))

(defun generic-negate (x)
  "The number X negated."
  (cond ((%integer-p x) (%integer-negate x))
        ((%is double x) (%new double (%f64.neg (%get double value x))))
        ((%is single x) (%new single (%f32.neg (%get single value x))))
        ((%is ratio x) (%new ratio (%integer-negate (%get ratio numerator x)) (%get ratio denominator x)))
        ((%is complex x) (%new complex (generic-negate (%get complex real x)) (generic-negate (%get complex imag x))))
        (t (%type-error x 'number))))

;;; The two-argument logical operations

(defmacro %define-generic-logical (name fixnum-operation integer-function)
  `(defun ,name (a b)
     (if (and (%fixnump a) (%fixnump b))
         (%fixnum (,fixnum-operation a b))
         (,integer-function (%check-integer a) (%check-integer b)))))

(%define-generic-logical generic-logand %i32.and %integer-and)
(%define-generic-logical generic-logior %i32.or %integer-or)
(%define-generic-logical generic-logxor %i32.xor %integer-xor)

;;; Comparison. A float is compared with a rational by its exact value (CLHS 12.1.4.1).

(defun %compare-rationals (a b)
  "-1, 0 or 1 as the rational A is less than, equal to or greater than B."
  (if (or (not (%possible ratio)) (and (%integer-p a) (%integer-p b)))
      (%compare-integers a b)
      (%compare-integers (%integer-multiply (numerator a) (denominator b))
                         (%integer-multiply (numerator b) (denominator a)))))

(defmacro %compare-words (less equal greater)
  `(cond (,less -1) (,equal 0) (,greater 1) (t 2)))

(defun %compare-doubles (a b)
  (let ((x (%get double value a))
        (y (%get double value b)))
    (%compare-words (%f64.lt x y) (%f64.eq x y) (%f64.gt x y))))

(defun %compare-float-rational (float rational)
  "The comparison of a double and a rational."
  (cond ((%fixnump rational) (%compare-doubles float (%to-double rational)))
        ((%finite-number-p float) (%compare-rationals (rational float) rational))
        (t (%compare-doubles float 0d0))))

(defun %promote (x)
  "A single as the double of the same value; all other numbers as they are."
  (if (%is single x)
      (%new double (%f64.promote_f32 (%get single value x)))
      x))

(defun %compare-reals (a b)
  "-1, 0 or 1 as the real A is less than, equal to or greater than B; 2 if one of them is a NaN."
  (let ((level-a (%real-level a))
        (level-b (%real-level b)))
    (cond ((or (not (or (%possible double) (%possible single)))
               (and (< level-a 2) (< level-b 2)))
           (%compare-rationals a b))
          ((< level-a 2)
           (let ((order (%compare-float-rational (%promote b) a)))
             (if (eq order 2) 2 (- order))))
          ((< level-b 2) (%compare-float-rational (%promote a) b))
          (t (%compare-doubles (%promote a) (%promote b))))))

(defmacro %define-comparison (name fixnum-operation double-operation single-operation &rest orders)
  "Defines NAME as the comparison of two reals that's true of the ORDERS of %COMPARE-REALS."
  `(defun ,name (a b)
     (cond ((and (%fixnump a) (%fixnump b)) (,fixnum-operation a b))
           ((and (%is double a) (%is double b))
            (,double-operation (%get double value a) (%get double value b)))
           ((and (%integer-p a) (%integer-p b))
            (let ((order (%compare-integers a b)))
              (or ,@(mapcar (lambda (accepted) `(eq order ,accepted)) orders))))
           ((and (%is single a) (%is single b))
            (,single-operation (%get single value a) (%get single value b)))
           (t (let ((order (%compare-reals a b)))
                (or ,@(mapcar (lambda (accepted) `(eq order ,accepted)) orders)))))))

(%define-comparison generic-less %i32.lt_s %f64.lt %f32.lt -1)
(%define-comparison generic-less-equal %i32.le_s %f64.le %f32.le -1 0)
(%define-comparison generic-greater %i32.gt_s %f64.gt %f32.gt 1)
(%define-comparison generic-greater-equal %i32.ge_s %f64.ge %f32.ge 1 0)

(defun generic-equal (a b)
  (cond ((and (%fixnump a) (%fixnump b)) (eq a b))
        ((and (%is double a) (%is double b))
         (%f64.eq (%get double value a) (%get double value b)))
        ((and (%is single a) (%is single b))
         (%f32.eq (%get single value a) (%get single value b)))
        ((and (%is bignum a) (%is bignum b)) (%bignum-equal a b))
        ((or (%is complex a) (%is complex b))
         (and (generic-equal (realpart a) (realpart b))
              (generic-equal (imagpart a) (imagpart b))))
        ((not (%real-p a)) (%type-error a 'number))
        ((not (%real-p b)) (%type-error b 'number))
        (t (eq (%compare-reals a b) 0))))

(defun %eql-numbers (a b)
  "EQL of two numbers: the same type and the same value, zeros by their sign."
  (cond ((or (%fixnump a) (%fixnump b)) (eq a b))
        ((%is double a)
         (and (%is double b)
              (%i64.eq (%i64.reinterpret_f64 (%get double value a)) (%i64.reinterpret_f64 (%get double value b)))))
        ((%is single a)
         (and (%is single b)
              (%i32.eq (%i32.reinterpret_f32 (%get single value a)) (%i32.reinterpret_f32 (%get single value b)))))
        ((%is bignum a) (and (%is bignum b) (%bignum-equal a b)))
        ((%is ratio a)
         (and (%is ratio b)
              (%eql-numbers (%get ratio numerator a) (%get ratio numerator b))
              (%eql-numbers (%get ratio denominator a) (%get ratio denominator b))))
        (t (and (%is complex b)
                (%eql-numbers (%get complex real a) (%get complex real b))
                (%eql-numbers (%get complex imag a) (%get complex imag b))))))

;;; Hashing

(defun %mix-word (word)
  "A fixnum, not negative, that depends on all bits of the 64-bit integer WORD."
  (let ((h (%i64.mul (%i64 word) -7046029254386353131)))
    (%fixnum (%i32.wrap_i64 (%i64.shr_u (%i64.xor h (%i64.shr_u h 32)) 34)))))

(defun %hash-integer (x)
  (if (%fixnump x)
      (%mix-word x)
      (let* ((digits (%get bignum digits x))
             (n (%array-length limbs digits))
             (hash (%i64 1))
             (i (%i32 0)))
        (%while (%i32.lt_u i n)
          (setq hash (%i64.add (%i64.mul hash 6364136223846793005) (%limb digits i)))
          (setq i (%i32.add i 1)))
        (%mix-word (%i64.add hash (%i64.extend_i32_s (%get bignum sign x)))))))

(defun %hash-number (x)
  "A fixnum, not negative, equal for numbers that are EQL."
  (cond ((%integer-p x) (%hash-integer x))
        ((%is double x) (%mix-word (%i64.reinterpret_f64 (%get double value x))))
        ((%is single x) (%mix-word (%i64.extend_i32_u (%i32.reinterpret_f32 (%get single value x)))))
        ((%is ratio x)
         (logxor (%hash-integer (%get ratio numerator x)) (%mix-word (%hash-integer (%get ratio denominator x)))))
        (t (logxor (%hash-number (%get complex real x)) (%mix-word (%hash-number (%get complex imag x)))))))
