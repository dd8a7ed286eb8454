;;;; Integers as digits in a radix: writing, reading, PARSE-INTEGER (CLHS 12.2).
;;;; Long numbers are split at powers of the radix, so that the work is a few long divisions or multiplications.

(in-package :clysm)

(defmacro %digit-code (weight)
  "The character code of the digit of raw i64 WEIGHT, below 36, as a raw i32."
  `(let ((digit (%i32.wrap_i64 ,weight)))
     (%i32.add digit (if (%i32.lt_s digit 10) 48 55))))

(defun %chunk-digits (radix)
  "The largest number of digits whose value always fits 31 bits, so that the power of the radix fits a limb."
  (let ((count 0) (power (%i64 radix)))
    (%while (%i64.lt_u power 2147483648)
      (setq count (+ count 1))
      (setq power (%i64.mul power (%i64 radix))))
    count))

;;; Writing. The functions fill a string from its end towards its beginning.

(defun %write-word-digits (word radix string end width)
  "Writes the digits of the integer WORD, which fits a positive i64, before END; returns where they begin.
With zeros up to WIDTH digits."
  (let ((word (%i64 word))
        (radix (%i64 radix))
        (position (%i32 end))
        (start (%i32.sub (%i32 end) (%i32 width))))
    (%while (or (not (%i64.eqz word)) (%i32.gt_s position start))
      (setq position (%i32.sub position 1))
      (%array-set string string position (%digit-code (%i64.rem_u word radix)))
      (setq word (%i64.div_u word radix)))
    (%fixnum position)))

(defun %write-limbs-digits (digits radix string end width)
  "Like %WRITE-WORD-DIGITS for the magnitude DIGITS, which it destroys."
  (let* ((chunk (%chunk-digits radix))
         (power (%integer-power radix chunk))
         (n (%significant-limbs digits))
         (start (- end width))
         (position end))
    (%while (> n 1)
      (let ((rest (%divide-in-place digits power)))
        (%write-word-digits rest radix string position chunk)
        (setq position (- position chunk)))
      (setq n (%significant-limbs digits)))
    (let ((word (%limb digits 0)))
      (%write-word-digits (%box-i64 word) radix string position (max 0 (- position start))))))

(defun %write-power-of-two-digits (digits bits string end)
  "Writes a magnitude in the radix two to the BITS before END; returns where the digits begin."
  (let ((n (%i32 (%significant-limbs digits)))
        (bits (%i64 bits))
        (position (%i32 end))
        (window (%i64 0))
        (held (%i64 0))
        (i (%i32 0)))
    (%while (or (%i32.lt_u i n) (not (%i64.eqz window)))
      (when (and (%i64.lt_s held bits) (%i32.lt_u i n))
        (setq window (%i64.or window (%i64.shl (%limb digits i) held)))
        (setq held (%i64.add held 32))
        (setq i (%i32.add i 1)))
      (%while (if (%i32.lt_u i n) (%i64.ge_s held bits) (not (%i64.eqz window)))
        (setq position (%i32.sub position 1))
        (%array-set string string position
                    (%digit-code (%i64.and window (%i64.sub (%i64.shl 1 bits) 1))))
        (setq window (%i64.shr_u window bits))
        (setq held (%i64.sub held bits))))
    (%fixnum position)))

(defconstant %split-limbs 40
  "Integers of more limbs than this are split before writing.")

(defun %radix-powers (radix limit)
  "A list of (power . digits): powers of RADIX with doubling numbers of digits up to the root of LIMIT, longest first."
  (let* ((count (* 8 (%chunk-digits radix)))
         (power (%integer-power radix count))
         (powers nil)
         (bits (integer-length limit)))
    (%while (<= (- (* 2 (integer-length power)) 1) bits)
      (setq powers (cons (cons power count) powers))
      (setq power (%integer-multiply power power))
      (setq count (* 2 count)))
    powers))

(defun %write-integer-digits (x powers radix string end width)
  "Writes the integer X, not negative, before END; returns where the digits begin. With zeros up to WIDTH digits."
  (cond ((or (%fixnump x) (null powers)
             (%i32.lt_u (%array-length limbs (%get bignum digits x)) %split-limbs))
         (let ((digits (%magnitude x)))
           (%write-limbs-digits (%slice digits 0 (%array-length limbs digits)) radix string end width)))
        ((eq (%compare-integers x (car (car powers))) -1)
         (%write-integer-digits x (cdr powers) radix string end width))
        (t (let ((count (cdr (car powers))))
             (multiple-value-bind (high low) (%integer-truncate x (car (car powers)))
               (%write-integer-digits low (cdr powers) radix string end count)
               (%write-integer-digits high powers radix string (- end count) (max 0 (- width count))))))))

(defun %string-tail (string start length negative)
  "The characters of STRING from START to LENGTH, after a minus sign if NEGATIVE."
  (let* ((start (if negative (- start 1) start))
         (count (- length start))
         (tail (%array-new string count 45)))
    (%array-copy string tail 0 string string start count)
    (when negative
      (%array-set string tail 0 45))
    tail))

(defun %radix-shift (radix)
  "The number of bits of a digit if RADIX is a power of two, else nil."
  (case radix (2 1) (4 2) (8 3) (16 4) (32 5) (t nil)))

(defun %integer-to-string (x radix)
  "The digits of the integer X in RADIX, 2 to 36, upper case, with a minus sign if it's negative, as a simple string."
  (let* ((negative (%negative-p x))
         (digits (%magnitude x))
         (bits (%limbs-bit-length digits))
         (shift (%radix-shift radix))
         ;; The integer part of the bits of a digit, and a place for the sign.
         (length (+ 2 (%integer-quotient bits (- (integer-length radix) 1))))
         (string (%array-new string length 48)))
    (%string-tail string
                  (cond ((eq x 0) (- length 1))
                        (shift (%write-power-of-two-digits digits shift string length))
                        ((%fixnump x) (%write-word-digits (if negative (- x) x) radix string length 1))
                        (t (let ((positive (if negative (%integer-negate x) x)))
                             (%write-integer-digits positive
                                                    (if (> bits (* 32 %split-limbs)) (%radix-powers radix positive) nil)
                                                    radix string length 1))))
                  length negative)))

;;; Reading

(defmacro %digit-weight (code radix)
  "The weight of the character of raw i32 CODE as a raw i32, or -1 if it is no digit in RADIX, a raw i32 variable.
Digits are ASCII letters and decimal digits."
  `(let* ((code ,code)
          (weight (cond ((and (%i32.ge_s code 48) (%i32.le_s code 57)) (%i32.sub code 48))
                        ((and (%i32.ge_s code 65) (%i32.le_s code 90)) (%i32.sub code 55))
                        ((and (%i32.ge_s code 97) (%i32.le_s code 122)) (%i32.sub code 87))
                        (t 99))))
     (%i32 (if (%i32.lt_s weight ,radix) weight -1))))

(defun %parse-short (string start end radix)
  "The value of the digits of a simple string from START to END, so few that it fits 62 bits."
  (let ((value (%i64 0))
        (i (%i32 start))
        (radix32 (%i32 radix)))
    (%while (%i32.lt_s i end)
      (setq value (%i64.add (%i64.mul value (%i64.extend_i32_s radix32))
                            (%i64.extend_i32_s (%digit-weight (%array-ref string string i) radix32))))
      (setq i (%i32.add i 1)))
    (%box-i64 value)))

(defun %parse-digits (string start end radix)
  "The integer of the digits in RADIX of a simple string from START to END. All characters must be digits."
  (let ((count (- end start))
        (short (* 2 (%chunk-digits radix))))
    (if (<= count short)
        (%parse-short string start end radix)
        ;; The lower part gets a power of two times the short length of digits.
        (let ((low short))
          (%while (< (* 2 low) count)
            (setq low (* 2 low)))
          (%integer-add (%integer-multiply (%parse-digits string start (- end low) radix)
                                           (%integer-power radix low))
                        (%parse-digits string (- end low) end radix))))))

;;; PARSE-INTEGER

(defun %whitespace-code-p (code)
  "True of the codes of whitespace characters (CLHS 2.1.4): tab, newline, linefeed, page, return, space."
  (or (eq code 32) (and (>= code 9) (<= code 13) (not (eq code 11)))))

(defun %skip-whitespace (string start end)
  "The index of the first character that isn't whitespace, or END."
  (%while (and (< start end) (%whitespace-code-p (char-code (schar string start))))
    (setq start (+ start 1)))
  start)

(defun %digits-end (string start end radix)
  "The index of the first character that isn't a digit in RADIX, or END."
  (let ((i (%i32 start))
        (radix (%i32 radix)))
    (%while (and (%i32.lt_s i end)
                 (%i32.ge_s (%digit-weight (%array-ref string string i) radix) 0))
      (setq i (%i32.add i 1)))
    (%fixnum i)))

(defun %parse-integer-error (string)
  (%error 'simple-parse-error
         :format-control "There is no integer in the string ~S."
         :format-arguments (list string)))

(defun %parse-integer (string start end radix junk-allowed)
  "PARSE-INTEGER of a simple string with checked bounds."
  (let* ((first (%skip-whitespace string start end))
         (sign (if (< first end) (schar string first) #\0))
         (from (if (or (eql sign #\-) (eql sign #\+)) (+ first 1) first))
         (to (%digits-end string from end radix)))
    (cond ((eq from to)
           (if junk-allowed
               (values nil to)
               (%parse-integer-error string)))
          ((and (not junk-allowed) (< (%skip-whitespace string to end) end))
           (%parse-integer-error string))
          (t (let ((value (%parse-digits string from to radix)))
               (values (if (eql sign #\-) (%integer-negate value) value)
                       (if junk-allowed to end)))))))

(defun %check-integer-range (index low high)
  "Checks that INDEX is an integer from LOW to HIGH."
  (if (and (%fixnump index) (<= low index) (<= index high))
      index
      (%type-error index (list 'integer low high))))

(defun %simple-characters (string)
  "The characters of any string as a simple string, itself if it is one."
  (cond ((%is string string) string)
        ((stringp string)
         (let* ((n (length string))
                (copy (%array-new string n 48)))
           (dotimes (i n copy)
             (%array-set string copy i (char-code (char string i))))))
        (t (%type-error string 'string))))

(defun parse-integer (string &key (start 0) end (radix 10) junk-allowed)
  (let* ((characters (%simple-characters string))
         (length (length characters))
         (end (if end (%check-integer-range end 0 length) length)))
    (%check-integer-range start 0 end)
    (%check-integer-range radix 2 36)
    (%parse-integer characters start end radix junk-allowed)))
