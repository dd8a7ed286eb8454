;;;; The decimal digits of floats, for the printer and FORMAT, and floats of decimal digits, for the reader. All exact.

(in-package :clysm)

;;; Powers of five, kept once computed: 5^340 is more than any double needs in either direction.

(defglobal *powers-of-five* (%array-new simple-vector 400 0))

(defun %power-of-five (n)
  "Five to the power N, a fixnum not less than zero."
  (if (>= n 400)
      (%integer-power 5 n)
      (let ((power (%array-ref simple-vector *powers-of-five* n)))
        (when (eq power 0)
          (setq power (%integer-power 5 n))
          (%array-set simple-vector *powers-of-five* n power))
        power)))

;;; Shortest digits. The numbers that read as the float form an interval around it, from MINUS to PLUS. The three are
;;; scaled by a power of ten so that they have an integer part of at most 19 digits, and are cut, digit by digit, as
;;; long as a shorter number lies in the interval (the method of Adams's Ryu, with exact integers in place of its
;;; tables).

(defun %scaled-bound (factor power scale)
  "FACTOR, a positive integer, times two to POWER divided by ten to SCALE: the integer part, and true if it is exact."
  (if (%i32.ge_s power 0)
      (multiple-value-bind (quotient rest)
          (%integer-truncate (%shift-left factor (- power scale)) (%power-of-five scale))
        (values quotient (eq rest 0)))
      ;; Here SCALE counts the powers of two left after multiplying by a power of five.
      (let ((product (%integer-multiply factor (%power-of-five (- (- power) scale)))))
        (values (%shift-right product scale)
                (>= (%trailing-zeros product) scale)))))

(defun %decimal-scale (power)
  "The powers of ten to divide by (POWER not negative) or the powers of two left (POWER negative) so that nineteen
digits are enough."
  ;; 1233/4096 is a little less than the logarithm of two, 2863/4096 than that of five.
  (if (>= power 0)
      (max 0 (- (%shift-right (* power 1233) 12) 1))
      (max 0 (- (%shift-right (* (- power) 2862) 12) 1))))

(defmacro %cut-digit (number)
  `(setq ,number (%i64.div_u ,number 10)))

(defmacro %last-digit-zero-p (number)
  `(%i64.eqz (%i64.rem_u ,number 10)))

(defun %shortest-in-interval (value minus minus-exact plus closed)
  "The shortest integer between MINUS and PLUS, the nearest to VALUE if there are several, and how many digits were cut.
MINUS-EXACT tells if MINUS is the exact bound, CLOSED if that bound is in the interval."
  (let ((v (%i64 value)) (m (%i64 minus)) (p (%i64 plus)) (cut (%i64 0)) (count (%i32 0)))
    (%while (%i64.gt_u (%i64.div_u p 10) (%i64.div_u m 10))
      (setq minus-exact (and minus-exact (%last-digit-zero-p m)))
      (setq cut (%i64.rem_u v 10))
      (%cut-digit v) (%cut-digit m) (%cut-digit p)
      (setq count (%i32.add count 1)))
    (when (and minus-exact closed)
      (%while (and (%last-digit-zero-p m) (not (%i64.eqz m)))
        (setq cut (%i64.rem_u v 10))
        (%cut-digit v) (%cut-digit m)
        (setq count (%i32.add count 1))))
    ;; Halves are rounded up. What's below the interval can't be the result.
    (when (or (%i64.ge_u cut 5)
              (and (%i64.eq v m) (not (and closed minus-exact))))
      (setq v (%i64.add v 1)))
    (values (%box-i64 v) (%fixnum count))))

(defun %shortest-decimal (significand exponent precision lowest)
  "An integer and a power of ten: the shortest decimal number that reads as the float of PRECISION bits SIGNIFICAND times
two to EXPONENT. LOWEST is the exponent of denormalised floats."
  (let* ((power (- exponent 2))
         (middle (%shift-left significand 2))
         (near (and (> exponent lowest)
                    (eq (%trailing-zeros significand) (- precision 1))))
         (closed (not (%integer-odd-p significand)))
         (scale (%decimal-scale power)))
    (multiple-value-bind (minus minus-exact)
        (%scaled-bound (%integer-subtract middle (if near 1 2)) power scale)
      (multiple-value-bind (plus plus-exact) (%scaled-bound (%integer-add middle 2) power scale)
        (multiple-value-bind (digits cut)
            (%shortest-in-interval (values (%scaled-bound middle power scale)) minus minus-exact
                                   (if (and plus-exact (not closed)) (%integer-subtract plus 1) plus)
                                   closed)
          (values digits (+ cut (if (>= power 0) scale (+ power scale)))))))))

(defun %without-trailing-zeros (string)
  (let ((end (length string)))
    (%while (and (> end 1) (eql (schar string (- end 1)) #\0))
      (setq end (- end 1)))
    (%string-tail string 0 end nil)))

(defun %float-digits (x)
  "The digits, as a simple string, and the exponent K of the shortest decimal number 0.DIGITS times ten to K that reads
as X, a positive finite float."
  (multiple-value-bind (significand exponent) (integer-decode-float x)
    (multiple-value-bind (decimal power)
        (if (%is double x)
            (%shortest-decimal significand exponent 53 -1074)
            (%shortest-decimal significand exponent 24 -149))
      (let ((digits (%integer-to-string decimal 10)))
        (values (%without-trailing-zeros digits)
                (+ (length digits) power))))))

;;; Digits up to a position (Steele and White; Burger and Dybvig, fixed format): the interval is widened to half a unit
;;; of the last position wanted, so that the digits are those of the correctly rounded number, but no more than it takes
;;; to tell the float from its neighbours.

(defun %float-fraction (x)
  "A positive float as the quotient of two integers, and the distances to the midpoints below and above in units of the
denominator's inverse."
  (multiple-value-bind (significand exponent) (integer-decode-float x)
    (let* ((double (%is double x))
           (near (and (> exponent (if double -1074 -149))
                      (eq (%trailing-zeros significand) (if double 52 23))))
           (extra (if near 2 1))
           (unit (if (> exponent 0) (%shift-left 1 exponent) 1)))
      (values (%shift-left significand (+ (max exponent 0) extra))
              (%shift-left 1 (+ (max (- exponent) 0) extra))
              unit
              (if near (%shift-left unit 1) unit)))))

(defun %generate-digits (r s minus plus low-ok high-ok)
  "The digits of the fraction R / S, below one, that tell it from R - MINUS and R + PLUS, as a simple string."
  (let ((digits nil) (digit 0) (low nil) (high nil))
    (%while (not (or low high))
      (multiple-value-setq (digit r) (%integer-truncate (* r 10) s))
      (setq minus (* minus 10)
            plus (* plus 10)
            low (if low-ok (<= r minus) (< r minus))
            high (if high-ok (>= (+ r plus) s) (> (+ r plus) s)))
      (when (and high (or (not low) (>= (* r 2) s)))
        (setq digit (+ digit 1)))
      (setq digits (cons digit digits)))
    (%digit-string digits)))

(defun %digit-string (weights)
  "The simple string of the decimal digits whose WEIGHTS are in a list, last first. A weight of ten is carried over."
  (let* ((n (length weights))
         (string (%array-new string n 48))
         (i (- n 1)))
    (dolist (weight weights string)
      (%array-set string string i (+ 48 weight))
      (setq i (- i 1)))))

(defun %scale-and-generate (r s minus plus low-ok high-ok)
  "The exponent K and the digits of R / S as 0.DIGITS times ten to K."
  (let ((k 0))
    (%while (if high-ok (>= (+ r plus) s) (> (+ r plus) s))
      (setq s (* s 10)
            k (+ k 1)))
    (%while (and (> r minus)
                 (let ((next (* (+ r plus) 10)))
                   (if high-ok (< next s) (<= next s))))
      (setq r (* r 10)
            plus (* plus 10)
            minus (* minus 10)
            k (- k 1)))
    (values k (%generate-digits r s minus plus low-ok high-ok))))

(defun %flonum-to-digits (x &optional position)
  "The exponent K and the digits, a simple string, of the positive finite float X as 0.DIGITS times ten to K: the shortest
that reads as X, or if the integer POSITION is given those of X rounded to a multiple of ten to POSITION. A number
that's rounded to zero has the digits \"0\"."
  (if (null position)
      (multiple-value-bind (digits k) (%float-digits x)
        (values k digits))
      (multiple-value-bind (r s minus plus) (%float-fraction x)
        ;; All are multiplied so that half a unit of the position is an integer.
        (let* ((factor (* 2 (if (< position 0) (%integer-power 10 (- position)) 1)))
               (half (if (< position 0) s (* s (%integer-power 10 position)))))
          (%scale-and-generate (* r factor) (* s factor)
                               (max (* minus factor) half) (max (* plus factor) half)
                               t t)))))

;;; Floats of decimal digits

(defun %short-double (digits exponent)
  "DIGITS, below 2^53, times ten to EXPONENT, from -22 to 22: both are exact doubles, so that the result is rounded once."
  (let ((value (%f64.convert_i64_s (%short-word digits)))
        (power (%get double value (%to-double (%integer-power 10 (abs exponent))))))
    (%new double (if (%i32.lt_s exponent 0) (%f64.div value power) (%f64.mul value power)))))

(defun %decimal-to-float (negative digits exponent double-p)
  "The float nearest to the positive integer DIGITS times ten to EXPONENT, or an infinity."
  (let ((magnitude (+ exponent (%integer-quotient (* (integer-length digits) 1233) 4096))))
    ;; Far outside the range of the format the powers of ten need not be made.
    (cond ((> magnitude 400) (%encode-double negative 1 5000 nil))
          ((< magnitude -400) (if double-p 0d0 0f0))
          ((%i32.ge_s exponent 0)
           (let ((scaled (%integer-multiply digits (%power-of-five exponent))))
             (if double-p
                 (%encode-double negative scaled exponent nil)
                 (%encode-single negative scaled exponent nil))))
          (double-p (%fraction-to-double negative digits (%power-of-five (- exponent)) exponent))
          (t (%fraction-to-single negative digits (%power-of-five (- exponent)) exponent)))))

(defun %make-float (negative digits exponent double-p)
  "The double, or single if DOUBLE-P is false, nearest to the integer DIGITS, not negative, times ten to the integer
EXPONENT, negated if NEGATIVE. Signals FLOATING-POINT-OVERFLOW, or FLOATING-POINT-UNDERFLOW for a zero result of
digits that are not zero."
  (cond ((eq digits 0)
         (if double-p (if negative -0d0 0d0) (if negative -0f0 0f0)))
        ((not (%fixnump exponent))
         (%make-float negative digits (if (%negative-p exponent) -1000000000 1000000000) double-p))
        ((and double-p (<= -22 exponent 22) (< (integer-length digits) 54))
         (let ((value (%short-double digits exponent)))
           (if negative (generic-negate value) value)))
        (t (let ((value (%decimal-to-float negative digits exponent double-p)))
             (cond ((zerop value)
                    (error 'floating-point-underflow :operation '%make-float :operands (list digits exponent)))
                   ((%finite-number-p value) value)
                   (t (error 'floating-point-overflow :operation '%make-float :operands (list digits exponent))))))))
