;;;; Tokens that are numbers (CLHS 2.3.1).

(in-package :clysm)

(defun %scan-digits (start end base)
  "The index after the digits in BASE of the token buffer that begin at START."
  (do ((i start (1+ i)))
      ((or (>= i end) (not (digit-char-p (schar *%token* i) base))) i)))

(defun %token-integer (start end base)
  "The value of the digits of the token buffer between START and END."
  (if (<= (- end start) 5)              ; five digits are a fixnum in any base
      (let ((value 0))
        (do ((i start (1+ i)))
            ((>= i end) value)
          (setq value (+ (* value base) (digit-char-p (schar *%token* i) base)))))
      (values (parse-integer *%token* :start start :end end :radix base))))

(defun %token-number (stream n)
  "The number whose syntax the N characters of the token buffer have, or NIL."
  (let* ((first (if (eql n 0) #\: (schar *%token* 0)))
         (signed (or (char= first #\+) (char= first #\-)))
         (negative (char= first #\-))
         (start (if signed 1 0)))
    (if (or signed (char= first #\.) (digit-char-p first (if (> *read-base* 10) *read-base* 10)))
        (let ((end (%scan-digits start n *read-base*)))
          (cond ((and (eql end n) (> end start))
                 (%signed negative (%token-integer start n *read-base*)))
                ((and (< end n) (> end start) (char= (schar *%token* end) #\/))
                 (%token-ratio stream negative start end n))
                (t (%token-decimal stream negative start n))))
        nil)))

(defun %signed (negative magnitude)
  (if negative (- magnitude) magnitude))

(defun %token-ratio (stream negative start slash n)
  (if (and (< (1+ slash) n) (eql n (%scan-digits (1+ slash) n *read-base*)))
      (let ((denominator (%token-integer (1+ slash) n *read-base*)))
        (when (eql denominator 0)
          (%reader-error stream "The denominator of ~S is zero." (subseq *%token* 0 n)))
        (%signed negative (/ (%token-integer start slash *read-base*) denominator)))
      nil))

(defun %token-decimal (stream negative start n)
  "The decimal integer with a point or the float whose syntax the token has from START on, or NIL."
  (let* ((whole-end (%scan-digits start n 10))
         (point (and (< whole-end n) (char= (schar *%token* whole-end) #\.)))
         (fraction-start (if point (1+ whole-end) whole-end))
         (fraction-end (if point (%scan-digits fraction-start n 10) whole-end)))
    (cond ((and point (eql fraction-start n))
           (if (> whole-end start) (%signed negative (%token-integer start whole-end 10)) nil))
          ((and (eql whole-end start) (eql fraction-start fraction-end)) nil)
          ((eql fraction-end n)
           (if point (%token-float stream negative start whole-end fraction-start n #\E 0) nil))
          (t (let ((exponent (%token-exponent fraction-end n)))
               (if exponent
                   (%token-float stream negative start whole-end fraction-start fraction-end
                                 (schar *%token* fraction-end) exponent)
                   nil))))))

(defun %token-exponent (start n)
  "The exponent whose marker is at START, or NIL if there is none. Exponents too large for any float are cut."
  (let* ((digits (1+ start))
         (sign (and (< digits n) (find (schar *%token* digits) "+-")))
         (first (if sign (1+ digits) digits)))
    (and (find (schar *%token* start) "ESFDLesfdl")
         (< first n)
         (eql n (%scan-digits first n 10))
         (%signed (eql sign #\-) (min 1000000 (%token-integer first n 10))))))

(defun %token-float (stream negative start whole-end fraction-start fraction-end marker exponent)
  (let* ((fraction-length (- fraction-end fraction-start))
         (digits (+ (* (if (> whole-end start) (%token-integer start whole-end 10) 0)
                       (expt 10 fraction-length))
                    (if (> fraction-length 0) (%token-integer fraction-start fraction-end 10) 0)))
         (double (%double-marker-p marker)))
    (handler-case (%make-float negative digits (- exponent fraction-length) double)
      (arithmetic-error ()
        (%reader-error stream "The float ~A is out of range." (subseq *%token* 0 fraction-end))))))

(defun %double-marker-p (marker)
  "True if a float with the exponent MARKER is a double float."
  (case (char-upcase marker)
    (#\E (member *read-default-float-format* '(double-float long-float) :test #'eq))
    ((#\D #\L) t)
    (t nil)))
