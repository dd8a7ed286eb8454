;;;; Numbers in FORMAT: padding and commas, words and Roman numerals, and the digits of floats (CLHS 22.3.2, 22.3.3).

(in-package :clysm)

(defun %write-repeated (character count stream)
  (dotimes (i count) (write-char character stream)))

(defun %write-padded-left (string mincol padchar stream)
  (%write-repeated padchar (- mincol (length string)) stream)
  (write-string string stream))

(defun %with-commas (digits comma interval)
  "DIGITS with COMMA between groups of INTERVAL from the right."
  (let ((stream (make-string-output-stream)) (n (length digits)))
    (dotimes (i n (get-output-stream-string stream))
      (when (and (> i 0) (eql 0 (mod (- n i) interval))) (write-char comma stream))
      (write-char (char digits i) stream))))

(defun %format-integer (stream number base mincol padchar commachar interval commas plus)
  (if (integerp number)
      (let ((digits (%integer-to-string (abs number) base)))
        (when commas (setq digits (%with-commas digits commachar interval)))
        (%write-padded-left (cond ((minusp number) (concatenate 'string "-" digits))
                                  (plus (concatenate 'string "+" digits))
                                  (t digits))
                            mincol padchar stream))
      ;; Anything else is printed as by ~A: padded on the right.
      (let ((text (let ((*print-base* base) (*print-radix* nil)) (princ-to-string number))))
        (write-string text stream)
        (%write-repeated padchar (- mincol (length text)) stream))))

;;; Words.

(defglobal *%units*
  #("" "one" "two" "three" "four" "five" "six" "seven" "eight" "nine" "ten" "eleven" "twelve" "thirteen" "fourteen"
    "fifteen" "sixteen" "seventeen" "eighteen" "nineteen"))
(defglobal *%tens*
  #("" "" "twenty" "thirty" "forty" "fifty" "sixty" "seventy" "eighty" "ninety"))
(defglobal *%powers-of-thousand*
  #("" "thousand" "million" "billion" "trillion" "quadrillion" "quintillion" "sextillion" "septillion" "octillion"
    "nonillion" "decillion" "undecillion" "duodecillion" "tredecillion" "quattuordecillion" "quindecillion"
    "sexdecillion" "septendecillion" "octodecillion" "novemdecillion" "vigintillion"))
;; The ordinals that are not made by a regular ending.
(defglobal *%irregular-ordinals*
  '(("one" . "first") ("two" . "second") ("three" . "third") ("five" . "fifth") ("eight" . "eighth") ("nine" . "ninth")
    ("twelve" . "twelfth")))

(defun %words-below-hundred (n)
  (cond ((eql n 0) '())
        ((< n 20) (list (svref *%units* n)))
        (t (multiple-value-bind (tens units) (truncate n 10)
             (list (if (eql units 0)
                       (svref *%tens* tens)
                       (concatenate 'string (svref *%tens* tens) "-" (svref *%units* units))))))))

(defun %words-below-thousand (n)
  (multiple-value-bind (hundreds rest) (truncate n 100)
    (append (if (eql hundreds 0) '() (list (svref *%units* hundreds) "hundred"))
            (%words-below-hundred rest))))

(defun %cardinal-words (n)
  "The words of the positive integer N."
  (let ((words '()) (power 0))
    (do () ((eql n 0) words)
      (multiple-value-bind (rest group) (truncate n 1000)
        (unless (eql group 0)
          (when (>= power (length *%powers-of-thousand*))
            (%error "~D is too large for words." n))
          (setq words (append (%words-below-thousand group)
                              (if (eql power 0) '() (list (svref *%powers-of-thousand* power)))
                              words)))
        (setq n rest power (1+ power))))))

(defun %ordinal-word (word)
  "The ordinal of the last WORD of a number, which may be two joined by a hyphen."
  (let* ((hyphen (position #\- word))
         (start (if hyphen (1+ hyphen) 0))
         (base (subseq word start))
         (irregular (cdr (assoc base *%irregular-ordinals* :test #'string=)))
         (n (length base)))
    (concatenate 'string (subseq word 0 start)
                 (cond (irregular irregular)
                       ((char= (char base (1- n)) #\y) (concatenate 'string (subseq base 0 (1- n)) "ieth"))
                       (t (concatenate 'string base "th"))))))

(defun %write-english (stream n ordinal)
  (let ((words (cond ((eql n 0) (list "zero")) (t (%cardinal-words (abs n))))))
    (when ordinal (setq words (append (butlast words) (list (%ordinal-word (car (last words)))))))
    (when (minusp n) (setq words (cons "negative" words)))
    (write-string (car words) stream)
    (dolist (word (cdr words))
      (write-char #\space stream)
      (write-string word stream))))

(defun %write-roman (stream n old)
  (let ((steps (if old
                   '((1000 "M") (500 "D") (100 "C") (50 "L") (10 "X") (5 "V") (1 "I"))
                   '((1000 "M") (900 "CM") (500 "D") (400 "CD") (100 "C") (90 "XC") (50 "L") (40 "XL")
                     (10 "X") (9 "IX") (5 "V") (4 "IV") (1 "I")))))
    (dolist (step steps)
      (do () ((< n (car step)))
        (write-string (cadr step) stream)
        (setq n (- n (car step)))))))

;;; Digits of floats. A magnitude is a string of digits and an exponent K: 0.DIGITS times ten to the K.

(defun %magnitude-digits (x)
  "The shortest digits of the float X >= 0, and K; no digits for zero."
  (if (= x 0)
      (values "" 0)
      (%float-digits x)))

(defun %round-digits (x digits k keep)
  "The first KEEP of the digits of the float X >= 0, whose shortest ones are DIGITS and K: digits without zeros at the end,
and K. The exact value of X is rounded, half up."
  (if (>= keep (length digits))
      (values digits k)
      (let* ((position (- k keep))
             (n (floor (+ (* (rational x) (expt 10 (- position))) 1/2))))
        (if (eql n 0)
            (values "" position)
            (let ((text (%integer-to-string n 10)))
              (values (string-right-trim "0" text) (+ (length text) position)))))))

(defun %whole-digits (digits k)
  "The digits before the decimal point; the empty string if there are none."
  (let ((n (length digits)))
    (cond ((or (<= k 0) (eql n 0)) "")
          ((<= k n) (subseq digits 0 k))
          (t (concatenate 'string digits (make-string (- k n) :initial-element #\0))))))

(defun %fraction-digits (digits k)
  "The digits after the decimal point; the empty string if there are none."
  (let ((n (length digits)))
    (cond ((or (eql n 0) (>= k n)) "")
          ((>= k 0) (subseq digits k))
          (t (concatenate 'string (make-string (- k) :initial-element #\0) digits)))))

(defun %extend-fraction (fraction d)
  "FRACTION with zeros up to D digits."
  (if (and d (< (length fraction) d))
      (concatenate 'string fraction (make-string (- d (length fraction)) :initial-element #\0))
      fraction))

(defun %float-sign-string (x plus)
  (cond ((minusp (float-sign x)) "-")
        (plus "+")
        (t "")))

(defun %overflow (overflow w needed)
  "True if a field of width W is too narrow and there is an OVERFLOW character."
  (and w overflow (> needed w)))

(defun %format-fixed (stream x w d k overflow pad plus)
  "Writes the float X as ~F does."
  (multiple-value-bind (digits exponent) (%magnitude-digits (abs x))
    (let* ((sign (%float-sign-string x plus)) (exponent (+ exponent k))
           (room (and w (- w (length sign) 1))))
      (multiple-value-setq (digits exponent)
        (%scaled-round-digits (abs x) k digits exponent
                              (cond (d (+ exponent d))
                                    ((null room) (length digits))
                                    ((<= room 0) (length digits)) ; hopelessly narrow: as if there were no width
                                    ((> exponent 0) (max room exponent))
                                    (t (+ exponent room)))))
      (let* ((whole (%whole-digits digits exponent))
             (fraction (%extend-fraction (%fraction-digits digits exponent) d))
             (length (+ (length sign) (length whole) 1 (length fraction)))
             ;; Zeros that are written only if there is room, or if there would be no digit at all.
             (trailing (and (eql (length fraction) 0) (null d) (or (null w) (< length w)
                                                                   (eql (length whole) 0)))))
        (when trailing (setq length (1+ length)))
        (let ((leading (and (eql (length whole) 0)
                            (or (null w) (< length w) (eql (+ (length fraction) (if trailing 1 0)) 0)))))
          (when leading (setq length (1+ length)))
          (cond ((%overflow overflow w length) (%write-repeated overflow w stream))
                (t (when w (%write-repeated pad (- w length) stream))
                   (write-string sign stream)
                   (when leading (write-char #\0 stream))
                   (write-string whole stream)
                   (write-char #\. stream)
                   (write-string fraction stream)
                   (when trailing (write-char #\0 stream)))))))))

(defun %scaled-round-digits (x scale digits k keep)
  "%ROUND-DIGITS where K is that of X times ten to SCALE."
  (multiple-value-bind (rounded new-k) (%round-digits x digits (- k scale) keep)
    (values rounded (+ new-k scale))))

(defun %exponent-char (x)
  (cond ((%default-format-p x) #\e)
        ((%is double x) #\d)
        (t #\f)))

(defun %exponent-string (exponent e char)
  (let ((digits (%integer-to-string (abs exponent) 10)))
    (concatenate 'string (string char) (if (minusp exponent) "-" "+")
                 (if (and e (< (length digits) e))
                     (make-string (- e (length digits)) :initial-element #\0)
                     "")
                 digits)))

(defun %format-exponential (stream x w d e k overflow pad expchar plus)
  "Writes the float X as ~E does, with K digits before the point."
  (multiple-value-bind (digits magnitude) (%magnitude-digits (abs x))
    (let* ((zero (eql (length digits) 0))
           (sign (%float-sign-string x plus))
           (tail (%exponent-string (if zero 0 (- magnitude k)) e (or expchar (%exponent-char x))))
           (keep (cond (d (cond ((> k 0) (1+ d)) (t (+ d k))))
                       (w (max 1 (+ (- w (length sign) 1 (length tail)) (min k 0))))
                       (t (length digits)))))
      (multiple-value-bind (rounded new-magnitude) (%round-digits (abs x) digits magnitude keep)
        (unless (eql new-magnitude magnitude)
          (setq tail (%exponent-string (- new-magnitude k) e (or expchar (%exponent-char x)))))
        (let* ((whole (if (and zero (> k 0)) "0" (%whole-digits rounded k)))
               (fraction (%extend-fraction (%fraction-digits rounded k)
                                           (and d (if (> k 0) (max 0 (- (1+ d) k)) d))))
               (length (+ (length sign) (length whole) 1 (length fraction) (length tail)))
               (trailing (and (eql (length fraction) 0) (null d) (or (null w) (< length w)))))
          (when trailing (setq length (1+ length)))
          (let ((leading (and (eql (length whole) 0) (or (null w) (< length w)))))
            (when leading (setq length (1+ length)))
            (cond ((or (%overflow overflow w length)
                       (and overflow e (> (length tail) (+ e 2))))
                   (%write-repeated overflow (or w length) stream))
                  (t (when w (%write-repeated pad (- w length) stream))
                     (write-string sign stream)
                     (when leading (write-char #\0 stream))
                     (write-string whole stream)
                     (write-char #\. stream)
                     (write-string fraction stream)
                     (when trailing (write-char #\0 stream))
                     (write-string tail stream)))))))))

(defun %format-general (stream x w d e k overflow pad expchar plus)
  "Writes the float X as ~G does: fixed where that shows all D digits, else with an exponent."
  (multiple-value-bind (digits n) (%magnitude-digits (abs x))
    (let* ((d (or d (max (length digits) (min n 7) 1)))
           (ee (if e (+ e 2) 4))
           (dd (- d n)))
      (if (<= 0 dd d)
          (progn
            (%format-fixed stream x (and w (- w ee)) dd 0 overflow pad plus)
            (%write-repeated #\space ee stream))
          (%format-exponential stream x w d e (or k 1) overflow pad expchar plus)))))

(defun %format-dollars (stream x d n w pad sign-first plus)
  "Writes the float X as ~$ does."
  (multiple-value-bind (digits exponent) (%magnitude-digits (abs x))
    (multiple-value-setq (digits exponent) (%round-digits (abs x) digits exponent (+ exponent d)))
    (let* ((sign (%float-sign-string x plus))
           (whole (%whole-digits digits exponent))
           (zeros (max 0 (- n (length whole))))
           (fraction (%extend-fraction (%fraction-digits digits exponent) d))
           (padding (- w (length sign) zeros (length whole) 1 (length fraction))))
      (when sign-first (write-string sign stream))
      (%write-repeated pad padding stream)
      (unless sign-first (write-string sign stream))
      (%write-repeated #\0 zeros stream)
      (write-string whole stream)
      (write-char #\. stream)
      (write-string fraction stream))))
