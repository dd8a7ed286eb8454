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
  "An integer and a power of ten: the shortest decimal number that reads as SIGNIFICAND times two to EXPONENT, a float
of PRECISION bits. LOWEST is the exponent of denormalised floats."
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

;;; Floats of decimal digits

(defun %short-double (digits exponent)
  "DIGITS, below 2^53, times ten to EXPONENT, from -22 to 22. Both are exact doubles, so the result is rounded once."
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
                    (%error 'floating-point-underflow :operation '%make-float :operands (list digits exponent)))
                   ((%finite-number-p value) value)
                   (t (%error 'floating-point-overflow :operation '%make-float :operands (list digits exponent))))))))
