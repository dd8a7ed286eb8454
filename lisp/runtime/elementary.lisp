;;;; Exponentials, logarithms and hyperbolic functions of doubles, within one unit in the last place.
;;;;
;;;; The methods and the polynomials are the well-known ones of fdlibm (Ng, 1993): the argument is reduced to a small
;;;; interval, with the error of the reduction carried along, and a minimax polynomial or quotient does the rest. All
;;;; functions take and return raw f64 values; infinities are for the callers to notice.

(in-package :clysm)

(defmacro %polynomial (x &rest coefficients)
  "The polynomial in the raw f64 variable X with the COEFFICIENTS from the constant one up."
  (if (null (cdr coefficients))
      (car coefficients)
      `(%f64.add ,(car coefficients) (%f64.mul ,x (%polynomial ,x ,@(cdr coefficients))))))

(defmacro %f64+ (&rest terms)
  "The sum of raw f64 terms, from the left."
  (if (null (cdr terms))
      (car terms)
      `(%f64+ (%f64.add ,(car terms) ,(car (cdr terms))) ,@(cdr (cdr terms)))))

(defmacro %f64* (&rest factors)
  "The product of raw f64 factors, from the left."
  (if (null (cdr factors))
      (car factors)
      `(%f64* (%f64.mul ,(car factors) ,(car (cdr factors))) ,@(cdr (cdr factors)))))

(defmacro %high-part (x)
  "The raw f64 X without the low 32 bits of its significand, so that products of such parts are exact."
  `(%f64.reinterpret_i64 (%i64.and (%i64.reinterpret_f64 ,x) -4294967296)))

;;; The natural logarithm of two in two parts; multiples of the first by 11-bit integers are exact.

(defmacro %ln2-high () 6.93147180369123816490d-1)
(defmacro %ln2-low () 1.90821492927058770002d-10)
(defmacro %inverse-ln2 () 1.44269504088896338700d0)

;;; Exponential

(defmacro %exp-polynomial (square)
  `(%polynomial ,square
                1.66666666666666019037d-1 -2.77777777770155933842d-3 6.61375632143793436117d-5
                -1.65339022054652515390d-6 4.13813679705723846039d-8))

(%define-raw %exp ((x f64)) f64
  ;; e to the X. An infinity from 709.78 on, zero below -745.13.
  (cond ((%f64.gt x 709.782712893384d0)
         (%f64.mul 1d308 x))
        ((%f64.lt x -745.1332191019412d0) 0d0)
        (t (let* ((k (%f64.nearest (%f64.mul x (%inverse-ln2))))
                  (high (%f64.sub x (%f64.mul k (%ln2-high))))
                  (low (%f64.mul k (%ln2-low)))
                  (r (%f64.sub high low))
                  (square (%f64.mul r r))
                  (c (%f64.sub r (%f64.mul square (%exp-polynomial square))))
                  (y (%f64.sub 1d0 (%f64.sub (%f64.sub low (%f64.div (%f64.mul r c) (%f64.sub 2d0 c)))
                                             high))))
             (%scale-double y (%i32.trunc_sat_f64_s k))))))

(%define-raw %exp-minus-1-reduced ((r f64) (c f64) (k i32)) f64
  ;; EXP-MINUS-1 of R plus C plus K times the logarithm of two.
  (let* ((half (%f64.mul 0.5d0 r))
         (product (%f64.mul r half))
         (p (%polynomial product
                         1d0 -3.33333333333331316428d-2 1.58730158725481460165d-3 -7.93650757867487942473d-5
                         4.00821782732936239552d-6 -2.01099218183624371326d-7))
         (divisor (%f64.sub 3d0 (%f64.mul p half)))
         (e (%f64.mul product (%f64.div (%f64.sub p divisor) (%f64.sub 6d0 (%f64.mul r divisor))))))
    (if (%i32.eqz k)
        (%f64.sub r (%f64.sub (%f64.mul r e) product))
        (let ((e (%f64.sub (%f64.sub (%f64.mul r (%f64.sub e c)) c) product)))
          (cond ((%i32.eq k -1) (%f64.sub (%f64.mul 0.5d0 (%f64.sub r e)) 0.5d0))
                ((and (%i32.eq k 1) (%f64.lt r -0.25d0))
                 (%f64.mul -2d0 (%f64.sub e (%f64.add r 0.5d0))))
                ((%i32.eq k 1) (%f64.add 1d0 (%f64.mul 2d0 (%f64.sub r e))))
                ((or (%i32.lt_s k -1) (%i32.gt_s k 56))
                 (let ((y (%scale-double (%f64.sub 1d0 (%f64.sub e r)) k)))
                   (%f64.sub y 1d0)))
                ((%i32.lt_s k 20)
                 (%scale-double (%f64.sub (%f64.sub 1d0 (%power-of-two (%i32.sub 0 k))) (%f64.sub e r)) k))
                (t (%scale-double (%f64.add (%f64.sub r (%f64.add e (%power-of-two (%i32.sub 0 k)))) 1d0) k)))))))

(%define-raw %exp-minus-1 ((x f64)) f64
  ;; e to the X, less one, exact also near zero.
  (cond ((%f64.gt x 709.782712893384d0) (%exp x))
        ((%f64.lt x -56d0) -1d0)
        ((%f64.lt (%f64.abs x) 5.551115123125783d-17) x)
        (t (let* ((k (if (%f64.le (%f64.abs x) 0.34657359027997264d0)
                         (%f64 0d0)
                         (%f64.nearest (%f64.mul x (%inverse-ln2)))))
                  (high (%f64.sub x (%f64.mul k (%ln2-high))))
                  (low (%f64.mul k (%ln2-low)))
                  (r (%f64.sub high low))
                  (correction (%f64.sub (%f64.sub high r) low)))
             (%exp-minus-1-reduced r correction
                                   (%i32.trunc_sat_f64_s k))))))

;;; Logarithm

(defmacro %log-reduced (f k correction)
  "The raw f64 logarithm of 1 + F times two to K, plus CORRECTION; all raw f64 variables, F from -0.3 to 0.42."
  `(let* ((s (%f64.div ,f (%f64.add 2d0 ,f)))
          (z (%f64.mul s s))
          (p (%f64.mul z (%polynomial z
                                      6.666666666666735130d-1 3.999999999940941908d-1 2.857142874366239149d-1
                                      2.222219843214978396d-1 1.818357216161805012d-1 1.531383769920937332d-1
                                      1.479819860511658591d-1)))
          (half-square (%f64.mul 0.5d0 (%f64.mul ,f ,f)))
          (tail (%f64+ (%f64.mul s (%f64.add half-square p)) (%f64.mul ,k (%ln2-low)) ,correction)))
     (%f64.sub (%f64.mul ,k (%ln2-high))
               (%f64.sub (%f64.sub half-square tail) ,f))))

(defmacro %with-binary-parts ((fraction exponent) value &body body)
  "Binds the raw f64 variables FRACTION, from the square root of 1/2 to that of 2, and EXPONENT, so that the positive
raw f64 variable VALUE is FRACTION times two to EXPONENT."
  `(let* ((small (%f64.lt ,value 2.2250738585072014d-308))
          (bits (%i64.reinterpret_f64 (if small (%f64.mul ,value 18014398509481984d0) (%f64 ,value))))
          (field (%i64.sub (%i64.shr_u bits 52) 1023))
          (,exponent (%f64.convert_i64_s (if small (%i64.sub field 54) (%i64 field))))
          (,fraction (%f64.reinterpret_i64 (%i64.or (%i64.and bits 4503599627370495) 4607182418800017408))))
     (when (%f64.gt ,fraction 1.4142135623730951d0)
       (setq ,fraction (%f64.mul ,fraction 0.5d0))
       (setq ,exponent (%f64.add ,exponent 1d0)))
     ,@body))

(%define-raw %log ((value f64)) f64
  ;; The natural logarithm of X, above zero and finite.
  (%with-binary-parts (fraction exponent) value
    (let ((f (%f64.sub fraction 1d0)))
      (%log-reduced f exponent 0d0))))

(%define-raw %log2 ((value f64)) f64
  ;; The logarithm of X, above zero and finite, to the base two; exact for powers of two.
  (%with-binary-parts (fraction exponent) value
    (let* ((f (%f64.sub fraction 1d0))
           (zero (%f64 0d0))
           (log (%log-reduced f zero 0d0))
           (high (%high-part log))
           (low (%f64.sub log high)))
      ;; 1/ln 2 in two parts, so that the product with the high part is exact.
      (%f64.add exponent
                (%f64.add (%f64.mul high 1.4426950216293335d0)
                          (%f64.add (%f64.mul low 1.4426950408889634d0)
                                    (%f64.mul high 1.925962991126617d-8)))))))

(%define-raw %log-plus-1 ((x f64)) f64
  ;; The natural logarithm of 1 + X, exact also near zero; X above -1.
  (let ((zero (%f64 0d0)))
    (cond ((%f64.lt (%f64.abs x) 5.551115123125783d-17) x)
          ((and (%f64.gt x -0.2928d0) (%f64.lt x 0.4142d0))
           (%log-reduced x zero 0d0))
          (t (let* ((u (%f64.add 1d0 x))
                    ;; What the sum lost, relative to it.
                    (lost (if (%f64.ge x 1d0)
                              (%f64.sub 1d0 (%f64.sub u x))
                              (%f64.sub x (%f64.sub u 1d0))))
                    (correction (%f64.div lost u)))
               (%with-binary-parts (fraction exponent) u
                 (let ((f (%f64.sub fraction 1d0)))
                   (%log-reduced f exponent correction))))))))

;;; Hyperbolic functions

(%define-raw %half-exp ((magnitude f64) (half f64)) f64
  ;; e to the MAGNITUDE times HALF, where the power alone may overflow.
  (let ((e (%exp (%f64.mul 0.5d0 magnitude))))
    (if (%f64.lt magnitude 709d0)
        (%f64.mul half (%exp magnitude))
        (%f64.mul (%f64.mul half e) e))))

(%define-raw %sinh ((value f64)) f64
  (let* ((magnitude (%f64.abs value))
         (half (%f64.copysign 0.5d0 value)))
    (cond ((%f64.lt magnitude 1d-9) value)
          ((%f64.lt magnitude 22d0)
           (let* ((e (%exp-minus-1 magnitude))
                  (quotient (%f64.div e (%f64.add e 1d0))))
             (%f64.mul half (if (%f64.lt magnitude 1d0)
                                (%f64.sub (%f64.mul 2d0 e) (%f64.mul e quotient))
                                (%f64.add e quotient)))))
          (t (%half-exp magnitude half)))))

(%define-raw %cosh ((x f64)) f64
  (let ((magnitude (%f64.abs x)))
    (cond ((%f64.lt magnitude 0.34657359027997264d0)
           (let* ((e (%exp-minus-1 magnitude))
                  (w (%f64.add 1d0 e)))
             (%f64.add 1d0 (%f64.div (%f64.mul e e) (%f64.add w w)))))
          ((%f64.lt magnitude 22d0)
           (let ((e (%exp magnitude)))
             (%f64.add (%f64.mul 0.5d0 e) (%f64.div 0.5d0 e))))
          (t (%half-exp magnitude 0.5d0)))))

(%define-raw %tanh ((value f64)) f64
  (let* ((magnitude (%f64.abs value)))
    (cond ((%f64.lt magnitude 1d-9) value)
          ((%f64.ge magnitude 22d0) (%f64.copysign 1d0 value))
          ((%f64.ge magnitude 1d0)
           (let ((e (%exp-minus-1 (%f64.mul 2d0 magnitude))))
             (%f64.copysign (%f64.sub 1d0 (%f64.div 2d0 (%f64.add e 2d0))) value)))
          (t (let ((e (%exp-minus-1 (%f64.mul -2d0 magnitude))))
               (%f64.copysign (%f64.div e (%f64.add e 2d0)) value))))))

;;; Inverse hyperbolic functions

(%define-raw %asinh ((value f64)) f64
  (let* ((a (%f64.abs value))
         (square (%f64.mul a a)))
    (if (%f64.lt a 3.7252902984619140625d-9)
        value
        (%f64.copysign
         (cond ((%f64.gt a 268435456d0) (%f64.add (%log a) 6.93147180559945286227d-1))
               ((%f64.gt a 2d0)
                (%log (%f64.add (%f64.mul 2d0 a)
                                   (%f64.div 1d0 (%f64.add (%f64.sqrt (%f64.add square 1d0)) a)))))
               (t (%log-plus-1
                   (%f64.add a (%f64.div square (%f64.add 1d0 (%f64.sqrt (%f64.add 1d0 square))))))))
         value))))

(%define-raw %acosh ((x f64)) f64
  ;; The inverse hyperbolic cosine of X, one or above.
  (cond ((%f64.gt x 268435456d0) (%f64.add (%log x) 6.93147180559945286227d-1))
        ((%f64.gt x 2d0)
         (%log (%f64.sub (%f64.mul 2d0 x)
                            (%f64.div 1d0 (%f64.add x (%f64.sqrt (%f64.sub (%f64.mul x x) 1d0)))))))
        (t (let ((d (%f64.sub x 1d0)))
             (%log-plus-1 (%f64.add d (%f64.sqrt (%f64.add (%f64.mul 2d0 d) (%f64.mul d d)))))))))

(%define-raw %atanh ((value f64)) f64
  ;; The inverse hyperbolic tangent of X, between -1 and 1.
  (let* ((a (%f64.abs value))
         (twice (%f64.add a a)))
    (if (%f64.lt a 3.7252902984619140625d-9)
        value
        (%f64.copysign
         (%f64.mul 0.5d0
                   (if (%f64.lt a 0.5d0)
                       (%log-plus-1 (%f64.add twice (%f64.div (%f64.mul twice a) (%f64.sub 1d0 a))))
                       (%log-plus-1 (%f64.div twice (%f64.sub 1d0 a)))))
         value))))
