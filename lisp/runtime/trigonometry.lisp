;;;; Trigonometric functions of doubles and their inverses, within one unit in the last place (methods of fdlibm).

(in-package :clysm)

;;; Reduction to the octant around zero: X is N right angles plus HIGH plus LOW; N counts modulo four.

(defmacro %reduce-medium (x n high low)
  "Sets the raw variables N, HIGH and LOW for an X below 2^20 right angles, by Cody and Waite's method with the right
angle in parts of 33 bits. Each further part is used only if the ones before it cancelled."
  `(let* ((turns (%f64.nearest (%f64.mul ,x 6.36619772367581382433d-1)))
          (r (%f64.sub ,x (%f64.mul turns 1.57079632673412561417d0)))
          (w (%f64.mul turns 6.07710050650619224932d-11))
          (size (%f64.abs ,x)))
     (setq ,n (%i32.and (%i32.trunc_sat_f64_s turns) 3))
     (setq ,high (%f64.sub r w))
     (when (%f64.lt (%f64.abs ,high) (%f64.mul size 1.52587890625d-5))
       (let ((before (%f64 r))
             (part (%f64.mul turns 6.07710050630396597660d-11)))
         (setq r (%f64.sub before part))
         (setq w (%f64.sub (%f64.mul turns 2.02226624879595063154d-21)
                           (%f64.sub (%f64.sub before r) part)))
         (setq ,high (%f64.sub r w))
         (when (%f64.lt (%f64.abs ,high) (%f64.mul size 1.7763568394002505d-15))
           (let ((before (%f64 r))
                 (part (%f64.mul turns 2.02226624871116645580d-21)))
             (setq r (%f64.sub before part))
             (setq w (%f64.sub (%f64.mul turns 8.47842766036889956997d-32)
                               (%f64.sub (%f64.sub before r) part)))
             (setq ,high (%f64.sub r w))))))
     (setq ,low (%f64.sub (%f64.sub r ,high) w))))

(defconstant %two-over-pi
  718381021399624732299735595385274618619477110114933939970624867101253838698409286420830629356098736488792170213291607745084880478721844605528653174581686922300486202694505885421890960380964262732784826317141842042973213136030346079209958129780529826118029123024124693399903324560936792704036471745513563425349871428881185122831297174569766706936548088547134192446379
  "The integer part of 2/pi times 2^1216.")

(defconstant %half-pi-bits
  534514292032483373929840186580935391650
  "The integer part of pi/2 times 2^128.")

(defun %reduce-large (x)
  "Reduction of arguments of any size: the product with 2/pi is exact as far as it matters, and its integer part is cut
off as a bit string (after Payne and Hanek)."
  (multiple-value-bind (significand exponent sign) (integer-decode-float x)
    (let* ((product (* significand %two-over-pi))
           (places (- 1216 exponent))
           (n (%low-bits (%shift-right product places) 2))
           (fraction (%low-bits product places)))
      (when (%integer-odd-p (%shift-right fraction (- places 1)))
        (setq n (+ n 1)
              fraction (- fraction (%shift-left 1 places))))
      (let* ((angle (%binary-fraction (* (%shift-right fraction (- places 192)) %half-pi-bits) 320))
             (high (%to-double angle))
             (low (%to-double (- angle (rational high)))))
        (if (eq sign 1)
            (values (generic-logand n 3) high low)
            (values (generic-logand (- n) 3) (generic-negate high) (generic-negate low)))))))

(defmacro %with-reduced-angle ((n high low) x &body body)
  "Evaluates BODY with the raw variables N, HIGH and LOW of the raw f64 variable X."
  `(let ((,n (%i32 0))
         (,high (%f64 ,x))
         (,low (%f64 0d0))
         (magnitude (%f64.abs ,x)))
     (cond ((%f64.le magnitude 7.85398163397448278999d-1))
           ((%f64.lt magnitude 1647099d0) (%reduce-medium ,x ,n ,high ,low))
           ((%finite-f64-p ,x)
            (multiple-value-bind (quadrant angle rest) (%reduce-large (%new double ,x))
              (setq ,n quadrant)
              (setq ,high angle)
              (setq ,low rest)))
           (t (setq ,high (%f64.sub ,x ,x))))
     ,@body))

;;; Sine, cosine and tangent of a reduced angle

(%define-raw %sin-reduced ((x f64) (y f64)) f64
  (let* ((z (%f64.mul x x))
         (cube (%f64.mul z x))
         (p (%polynomial z
                         8.33333333332248946124d-3 -1.98412698298579493134d-4 2.75573137070700676789d-6
                         -2.50507602534068634195d-8 1.58969099521155010221d-10)))
    (%f64.sub x (%f64.sub (%f64.sub (%f64.mul z (%f64.sub (%f64.mul 0.5d0 y) (%f64.mul cube p))) y)
                          (%f64.mul cube -1.66666666666666324348d-1)))))

(%define-raw %cos-reduced ((x f64) (y f64)) f64
  (let* ((z (%f64.mul x x))
         (p (%f64.mul z (%polynomial z
                                     4.16666666666666019037d-2 -1.38888888888741095749d-3 2.48015872894767294178d-5
                                     -2.75573143513906633035d-7 2.08757232129817482790d-9
                                     -1.13596475577881948265d-11)))
         (half (%f64.mul 0.5d0 z))
         (w (%f64.sub 1d0 half)))
    (%f64.add w (%f64.add (%f64.sub (%f64.sub 1d0 w) half)
                          (%f64.sub (%f64.mul z p) (%f64.mul x y))))))

(defmacro %tan-polynomial (z w)
  "The tangent's polynomial without its first term; W is the square of Z."
  `(%f64.add (%polynomial ,w
                          1.33333333333201242699d-1 2.18694882948595424599d-2 3.59207910759131235356d-3
                          5.88041240820264096874d-4 7.81794442939557092300d-5 -1.85586374855275456654d-5)
             (%f64.mul ,z (%polynomial ,w
                                       5.39682539762260521377d-2 8.86323982359930005737d-3
                                       1.45620945432529025516d-3 2.46463134818469906812d-4
                                       7.14072491382608190305d-5 2.59073051863633712884d-5))))

(%define-raw %tan-reduced ((high f64) (low f64) (cotangent condition)) f64
  ;; The tangent of a reduced angle, or its negative inverse if COTANGENT.
  (let* ((x (%f64 high))
         (y (%f64 low))
         (negative (%f64.lt x 0d0))
         (large (%f64.ge (%f64.abs x) 0.6744d0)))
    (when large
      ;; Near half a right angle: the tangent of what's missing to it.
      (when negative
        (setq x (%f64.neg x))
        (setq y (%f64.neg y)))
      (setq x (%f64.add (%f64.sub 7.85398163397448278999d-1 x) (%f64.sub 3.06161699786838301793d-17 y)))
      (setq y (%f64 0d0)))
    (let* ((z (%f64.mul x x))
           (w (%f64.mul z z))
           (cube (%f64.mul z x))
           (p (%tan-polynomial z w))
           (r (%f64.add (%f64.add y (%f64.mul z (%f64.add (%f64.mul cube p) y)))
                        (%f64.mul 3.33333333333334091986d-1 cube)))
           (sum (%f64.add x r)))
      (cond (large
             (let* ((s (if cotangent (%f64 -1d0) (%f64 1d0)))
                    (v (%f64.sub s (%f64.mul 2d0 (%f64.add x (%f64.sub r (%f64.div (%f64.mul sum sum)
                                                                                  (%f64.add sum s))))))))
               (if negative (%f64.neg v) (%f64 v))))
            ((not cotangent) sum)
            (t (let* ((top (%high-part sum))
                      (rest (%f64.sub r (%f64.sub top x)))
                      (inverse (%f64.div -1d0 sum))
                      (inverse-top (%high-part inverse))
                      (error (%f64.add 1d0 (%f64.mul inverse-top top))))
                 (%f64.add inverse-top
                           (%f64.mul inverse (%f64.add error (%f64.mul inverse-top rest))))))))))

(%define-raw %sin ((x f64)) f64
  (%with-reduced-angle (n high low) x
    (cond ((%i32.eqz n) (%sin-reduced high low))
          ((%i32.eq n 1) (%cos-reduced high low))
          ((%i32.eq n 2) (%f64.neg (%sin-reduced high low)))
          (t (%f64.neg (%cos-reduced high low))))))

(%define-raw %cos ((x f64)) f64
  (%with-reduced-angle (n high low) x
    (cond ((%i32.eqz n) (%cos-reduced high low))
          ((%i32.eq n 1) (%f64.neg (%sin-reduced high low)))
          ((%i32.eq n 2) (%f64.neg (%cos-reduced high low)))
          (t (%sin-reduced high low)))))

(%define-raw %tan ((x f64)) f64
  (%with-reduced-angle (n high low) x
    (%tan-reduced high low (%i32.eq (%i32.and n 1) 1))))

;;; Inverse tangent

(defmacro %atan-polynomial (z)
  `(%polynomial ,z
                3.33333333333329318027d-1 -1.99999999998764832476d-1 1.42857142725034663711d-1
                -1.11111104054623557880d-1 9.09088713343650656196d-2 -7.69187620504482999495d-2
                6.66107313738753120669d-2 -5.83357013379057348645d-2 4.97687799461593236017d-2
                -3.65315727442169155270d-2 1.62858201153657823623d-2))

(defmacro %atan-from (angle angle-low argument)
  "The raw f64 angle ANGLE + ANGLE-LOW plus the inverse tangent of ARGUMENT, which is small."
  `(let* ((u ,argument)
          (z (%f64.mul u u))
          (tail (%f64.mul u (%f64.mul z (%atan-polynomial z)))))
     (%f64.sub ,angle (%f64.sub (%f64.sub tail ,angle-low) u))))

(%define-raw %atan ((value f64)) f64
  (let* ((a (%f64.abs value)))
    (if (%f64.lt a 3.7252902984619140625d-9)
        value
        (%f64.copysign
         (cond ((%f64.lt a 0.4375d0)
                (%atan-from 0d0 0d0 a))
               ((%f64.lt a 0.6875d0)
                (%atan-from 4.63647609000806093515d-1 2.26987774529616870924d-17
                            (%f64.div (%f64.sub (%f64.mul 2d0 a) 1d0) (%f64.add 2d0 a))))
               ((%f64.lt a 1.1875d0)
                (%atan-from 7.85398163397448278999d-1 3.06161699786838301793d-17
                            (%f64.div (%f64.sub a 1d0) (%f64.add a 1d0))))
               ((%f64.lt a 2.4375d0)
                (%atan-from 9.82793723247329054082d-1 1.39033110312309984516d-17
                            (%f64.div (%f64.sub a 1.5d0) (%f64.add 1d0 (%f64.mul 1.5d0 a)))))
               (t (%atan-from 1.57079632679489655800d0 6.12323399573676603587d-17
                              (%f64.div -1d0 a))))
         value))))

(%define-raw %atan2 ((y f64) (x f64)) f64
  ;; The angle of the point X, Y, from minus pi to pi; zeros count by their signs.
  (let* ((left (%i64.lt_s (%i64.reinterpret_f64 x) 0))
         (ax (%f64.abs x))
         (ay (%f64.abs y))
         (angle (%f64 (cond ((%f64.eq ay 0d0) (%f64 0d0))
                      ((%f64.eq ax 0d0) (%f64 1.57079632679489655800d0))
                      ((%f64.eq ax ay) (%f64 7.85398163397448278999d-1))
                      (t (%atan (%f64.div ay ax)))))))
    (when left
      (setq angle (%f64.sub 3.14159265358979311600d0 (%f64.sub angle 1.2246467991473531772d-16))))
    (%f64.copysign angle y)))

;;; Inverse sine and cosine

(defmacro %asin-quotient (z)
  `(%f64.div (%f64.mul ,z (%polynomial ,z
                                       1.66666666666666657415d-1 -3.25565818622400915405d-1
                                       2.01212532134862925881d-1 -4.00555345006794114027d-2
                                       7.91534994289814532176d-4 3.47933107596021167570d-5))
             (%polynomial ,z
                          1d0 -2.40339491173441421878d0 2.02094576023350569471d0
                          -6.88283971605453293030d-1 7.70381505559019352791d-2)))

(defmacro %root-error (z root top)
  "What the square root of Z has beyond TOP, the high part of ROOT."
  `(%f64.div (%f64.sub ,z (%f64.mul ,top ,top)) (%f64.add ,root ,top)))

(%define-raw %asin ((value f64)) f64
  ;; The inverse sine of X, between -1 and 1.
  (let* ((a (%f64.abs value)))
    (if (%f64.lt a 0.5d0)
        (let ((square (%f64.mul value value)))
          (%f64.add value (%f64.mul value (%asin-quotient square))))
        (let* ((z (%f64.mul (%f64.sub 1d0 a) 0.5d0))
               (root (%f64.sqrt z))
               (r (%asin-quotient z))
               (top (%high-part root))
               (tail (%f64.sub (%f64.mul 2d0 (%f64.mul root r))
                               (%f64.sub 6.12323399573676603587d-17
                                         (if (%f64.eq root 0d0)
                                             (%f64 0d0)
                                             (%f64.mul 2d0 (%root-error z root top)))))))
          (%f64.copysign
           (%f64.sub 7.85398163397448278999d-1
                     (%f64.sub tail (%f64.sub 7.85398163397448278999d-1 (%f64.mul 2d0 top))))
           value)))))

(%define-raw %acos ((value f64)) f64
  ;; The inverse cosine of X, between -1 and 1.
  (cond ((%f64.lt (%f64.abs value) 0.5d0)
         (let ((square (%f64.mul value value)))
           (%f64.sub 1.57079632679489655800d0
                     (%f64.sub value (%f64.sub 6.12323399573676603587d-17
                                               (%f64.mul value (%asin-quotient square)))))))
        ((%f64.lt value 0d0)
         (let* ((z (%f64.mul (%f64.add 1d0 value) 0.5d0))
                (root (%f64.sqrt z))
                (w (%f64.sub (%f64.mul (%asin-quotient z) root) 6.12323399573676603587d-17)))
           (%f64.sub 3.14159265358979311600d0 (%f64.mul 2d0 (%f64.add root w)))))
        ((%f64.eq value 1d0) 0d0)
        (t (let* ((z (%f64.mul (%f64.sub 1d0 value) 0.5d0))
                  (root (%f64.sqrt z))
                  (top (%high-part root))
                  (w (%f64.add (%f64.mul (%asin-quotient z) root) (%root-error z root top))))
             (%f64.mul 2d0 (%f64.add top w))))))
