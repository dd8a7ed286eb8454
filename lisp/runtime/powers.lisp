;;;; Powers and roots: EXPT, SQRT (CLHS 12.2).

(in-package :clysm)

;;; Powers of doubles (the method of fdlibm): y times the logarithm of x to the base two, with 30 bits more than a
;;; double has, split into integer and fraction.

(defmacro %two-thirds-over-ln2 () 9.61796693925975554329d-1)

(defmacro %with-log2-in-parts ((high low) value &body body)
  "Binds the raw f64 variables HIGH, which has only high bits, and LOW to the parts of the logarithm of the positive raw
f64 variable VALUE to the base two."
  `(%with-binary-parts (fraction exponent) ,value
     ;; The series is around 1 or, if that is nearer, 3/2; it needs a fraction between the roots of 3/4 and of 3.
     (when (%f64.lt fraction 8.66025403784438647d-1)
       (setq fraction (%f64.mul fraction 2d0))
       (setq exponent (%f64.sub exponent 1d0)))
     (let* ((above (%f64.gt fraction 1.224744871391589d0))
            (center (if above (%f64 1.5d0) (%f64 1d0)))
            (u (%f64.sub fraction center))
            (v (%f64.div 1d0 (%f64.add fraction center)))
            (s (%f64.mul u v))
            (s-high (%high-part s))
            (sum-high (%high-part (%f64.add fraction center)))
            (sum-low (%f64.sub fraction (%f64.sub sum-high center)))
            (s-low (%f64.mul v (%f64.sub (%f64.sub u (%f64.mul s-high sum-high)) (%f64.mul s-high sum-low))))
            (square (%f64.mul s s))
            (square-high (%f64.mul s-high s-high))
            (r (%f64.add (%f64* square square
                                (%polynomial square
                                             5.99999999999994648725d-1 4.28571428578550184252d-1
                                             3.33333329818377432918d-1 2.72728123808534006489d-1
                                             2.30660745775561754067d-1 2.06975017800338417784d-1))
                         (%f64.mul s-low (%f64.add s-high s))))
            (t-high (%high-part (%f64+ 3d0 square-high r)))
            (t-low (%f64.sub r (%f64.sub (%f64.sub t-high 3d0) square-high)))
            (product (%f64.mul s-high t-high))
            (rest (%f64.add (%f64.mul s-low t-high) (%f64.mul t-low s)))
            (p-high (%high-part (%f64.add product rest)))
            (p-low (%f64.sub rest (%f64.sub p-high product)))
            (z-high (%f64.mul 9.61796700954437255859d-1 p-high))
            (z-low (%f64+ (%f64.mul -7.02846165095275826516d-9 p-high)
                          (%f64.mul p-low (%two-thirds-over-ln2))
                          (if above (%f64 1.35003920212974897128d-8) (%f64 0d0))))
            (center-log (if above (%f64 5.84962487220764160156d-1) (%f64 0d0)))
            (,high (%high-part (%f64+ (%f64.add z-high z-low) center-log exponent)))
            (,low (%f64.sub z-low (%f64.sub (%f64.sub (%f64.sub ,high exponent) center-log) z-high))))
       ,@body)))

(%define-raw %exp2-of-parts ((high f64) (low f64)) f64
  ;; Two to the HIGH plus LOW.
  (let* ((z (%f64.add high low)))
    (cond ((%f64.ge z 1025d0) (%f64.mul z 1d308))
          ((%f64.lt z -1080d0) 0d0)
          (t (let* ((n (%f64.nearest z))
                    (part (%f64.sub high n))
                    (top (%high-part (%f64.add low part)))
                    (u (%f64.mul top 6.93147182464599609375d-1))
                    (v (%f64.add (%f64.mul (%f64.sub low (%f64.sub top part)) 6.93147180559945286227d-1)
                                 (%f64.mul top -1.90465429995776804525d-9)))
                    (x (%f64.add u v))
                    (error (%f64.sub v (%f64.sub x u)))
                    (square (%f64.mul x x))
                    (c (%f64.sub x (%f64.mul square (%exp-polynomial square))))
                    (r (%f64.sub (%f64.div (%f64.mul x c) (%f64.sub c 2d0))
                                 (%f64.add error (%f64.mul x error)))))
               (%scale-double (%f64.sub 1d0 (%f64.sub r x)) (%i32.trunc_sat_f64_s n)))))))

(%define-raw %power ((x f64) (y f64)) f64
  ;; X, above zero and finite, to the power of the finite Y.
  (%with-log2-in-parts (log-high log-low) x
    (let ((y-high (%high-part y)))
      (%exp2-of-parts (%f64.mul y-high log-high)
                      (%f64.add (%f64.mul (%f64.sub y y-high) log-high)
                                (%f64.mul y log-low))))))

;;; Real powers with all their signs and zeros

(defun %integral-p (x)
  "True if the double X is an integer."
  (let ((value (%get double value x)))
    (%f64.eq value (%f64.trunc value))))

(defun %odd-double-p (x)
  (let* ((value (%get double value x))
         (half (%f64.mul value 0.5d0)))
    (and (%integral-p x)
         (%f64.ne half (%f64.trunc half)))))

(defun %real-power (x y)
  "The double X to the power of the double Y, or nil if that is complex."
  (let* ((base (%get double value x))
         (power (%get double value y))
         (negative (%i64.lt_s (%i64.reinterpret_f64 base) 0)))
    (cond ((%f64.eq power 0d0) 1d0)
          ((not (and (%finite-f64-p base) (%finite-f64-p power))) (%infinite-power x y))
          ((%f64.eq base 0d0)
           (cond ((%f64.lt power 0d0) (%division-by-zero 'expt x y))
                 ((and negative (%odd-double-p y)) -0d0)
                 (t 0d0)))
          ((not negative) (%checked-power x y (%power base power)))
          ((not (%integral-p y)) nil)
          (t (let ((magnitude (%checked-power x y (%power (%f64.neg base) power))))
               (if (%odd-double-p y) (generic-negate magnitude) magnitude))))))

(defun %checked-power (x y result)
  (if (%finite-number-p result)
      result
      (%float-trap 'expt x y result)))

(defun %infinite-power (x y)
  "The power if X or Y is an infinity or a NaN: through the logarithm."
  (let ((size (%f64.abs (%get double value x))))
    (cond ((%f64.eq size 1d0) 1d0)
          ((%f64.eq size 0d0) (if (plusp y) 0d0 (%new double (%f64.div 1d0 size))))
          ((%finite-number-p x)
           (%new double (%exp (%f64.mul (%get double value y) (%log size)))))
          (t (%new double (%exp (%f64.mul (%get double value y) size)))))))

;;; EXPT

(defun %rational-power (base power)
  "A rational to an integer power."
  (cond ((%negative-p power)
         (when (eq base 0)
           (%division-by-zero 'expt base power))
         (generic-divide 1 (%rational-power base (%integer-negate power))))
        ((%integer-p base)
         (cond ((%fixnump power) (%integer-power base power))
               ((or (eq base 0) (eq base 1)) base)
               ((eq base -1) (if (%integer-odd-p power) -1 1))
               (t (%integer-too-large))))
        (t (%reduced-ratio (%rational-power (%get ratio numerator base) power)
                           (%rational-power (%get ratio denominator base) power)))))

(defun %complex-integer-power (base power)
  "A complex number to an integer power, by squaring."
  (if (%negative-p power)
      (generic-divide 1 (%complex-integer-power base (%integer-negate power)))
      (let ((result base)
            (bit (- (integer-length power) 2)))
        (%while (>= bit 0)
          (setq result (generic-multiply result result))
          (when (%integer-odd-p (%shift-right power bit))
            (setq result (generic-multiply result base)))
          (setq bit (- bit 1)))
        result)))

(defun %zeroth-power (base power)
  "BASE to a zero POWER: one in the type that contagion gives (CLHS EXPT)."
  (let ((product (generic-multiply base power)))
    (cond ((%is complex product)
           (if (rationalp (realpart product)) 1 (complex (%one-like (realpart product)) (* 0 (imagpart product)))))
          ((floatp product) (%one-like product))
          (t 1))))

(defun %one-like (float)
  (if (%is double float) 1d0 1f0))

(defun %complex-power (base power)
  "A power that is complex: e to the product of the power and the logarithm, computed with double parts."
  (cond ((zerop base)
         (if (plusp (realpart power))
             (generic-multiply base power)
             (%division-by-zero 'expt base power)))
        ((or (%double-number-p base) (%double-number-p power))
         (exp (generic-multiply power (log (generic-multiply base 1d0)))))
        (t (let ((value (%complex-power (generic-multiply base 1d0) power)))
             (%complex-of (realpart value) (imagpart value) t)))))

(defun %double-number-p (x)
  "True of doubles and complex numbers with double parts."
  (%is double (if (%is complex x) (%get complex real x) x)))

(defun expt (base-number power-number)
  (%check-number base-number)
  (%check-number power-number)
  (cond ((zerop power-number)
         (if (%integer-p power-number)
             (%zeroth-power base-number 0)
             (%zeroth-power (if (floatp base-number) base-number 1) power-number)))
        ((and (%integer-p power-number) (rationalp base-number))
         (%rational-power base-number power-number))
        ((and (%integer-p power-number) (%is complex base-number))
         (%complex-integer-power base-number power-number))
        ((or (%is complex base-number) (%is complex power-number))
         (%complex-power base-number power-number))
        (t (let ((result (%real-power (%to-double base-number) (%to-double power-number))))
             (cond ((null result) (%complex-power base-number power-number))
                   ((or (%is double base-number) (%is double power-number)) result)
                   (t (%to-single result)))))))

;;; SQRT

(defun %rational-root (x)
  "The single nearest to the square root of the positive rational X, which need not be representable itself."
  (let* ((scale (%shift-right (- (integer-length (numerator x)) (integer-length (denominator x))) 1)))
    (if (< -400 scale 400)
        (%to-single (%new double (%f64.sqrt (%get double value (%to-double x)))))
        (let ((scaled (if (> scale 0)
                          (generic-divide x (%shift-left 1 (* 2 scale)))
                          (generic-multiply x (%shift-left 1 (* -2 scale))))))
          (%to-single (%checked-power x 1/2
                                      (%scale-double (%f64.sqrt (%get double value (%to-double scaled))) scale)))))))

(defun sqrt (number)
  (cond ((%is complex number) (%complex-apply #'%complex-sqrt number))
        ((minusp number)
         (let ((root (sqrt (generic-negate number))))
           (complex (if (floatp root) (if (%is double root) 0d0 0f0) 0) root)))
        ((%is double number) (%new double (%f64.sqrt (%get double value number))))
        ((%is single number) (%new single (%f32.sqrt (%get single value number))))
        ((eq number 0) 0f0)
        (t (%rational-root number))))
