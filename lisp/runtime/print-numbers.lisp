;;;; How numbers print (CLHS 22.1.3.1). The digits of integers and floats come from the number files.

(in-package :clysm)

(defun %output-integer (integer stream)
  (let ((base *print-base*))
    (if (and (eql base 10) (not *print-radix*))
        (%write-decimal integer stream)
        (progn
          (%check-print-base base)
          (when (and *print-radix* (not (eql base 10))) (%output-radix base stream))
          (%write-integer-in-base integer base stream)
          (when (and *print-radix* (eql base 10)) (write-char #\. stream))))))

(defun %check-print-base (base)
  (unless (and (%fixnump base) (<= 2 base 36))
    (%type-error base '(integer 2 36))))

(defun %output-radix (base stream)
  (write-char #\# stream)
  (case base
    (2 (write-char #\b stream))
    (8 (write-char #\o stream))
    (16 (write-char #\x stream))
    (t (%write-decimal base stream)
       (write-char #\r stream))))

(defun %write-integer-in-base (integer base stream)
  (write-string (%integer-to-string integer base) stream))

(defun %write-decimal (integer stream)
  "Writes INTEGER in decimal, fixnums without leaving this function."
  (cond ((not (%fixnump integer)) (%write-integer-in-base integer 10 stream))
        ((and (<= 0 integer) (< integer 10)) (write-char (code-char (+ 48 integer)) stream))
        (t (let ((buffer (%array-new string 11 48))
                 (rest (%i32 (if (< integer 0) (%i32.sub 0 integer) (%i32 integer))))
                 (i (%i32 11)))
             (do () ((%i32.eqz rest))
               (setq i (%i32.sub i 1))
               (%array-set string buffer i (%i32.add 48 (%i32.rem_u rest 10)))
               (setq rest (%i32.div_u rest 10)))
             (when (< integer 0)
               (setq i (%i32.sub i 1))
               (%array-set string buffer i 45))
             (write-string buffer stream :start (%fixnum i))))))

(defun %output-number (number stream)
  (cond ((integerp number) (%output-integer number stream))
        ((floatp number) (%output-float number stream))
        ((complexp number)
         (write-string "#C(" stream)
         (%output-number (realpart number) stream)
         (write-char #\space stream)
         (%output-number (imagpart number) stream)
         (write-char #\) stream))
        (t (%output-ratio number stream))))

(defun %output-ratio (ratio stream)
  (let ((base *print-base*))
    (%check-print-base base)
    ;; A ratio in base ten has no trailing point to show its radix.
    (when *print-radix*
      (if (eql base 10) (write-string "#10r" stream) (%output-radix base stream)))
    (%write-integer-in-base (numerator ratio) base stream)
    (write-char #\/ stream)
    (%write-integer-in-base (denominator ratio) base stream)))

;;; Floats (CLHS 22.1.3.1.3).

(defun %float-infinity-or-nan (float)
  "The name of FLOAT if it is no number of the standard, else NIL."
  (cond ((/= float float) "not-a-number")
        ((= float 0) nil)
        ;; Twice a number is the number itself only for an infinity; halves avoid the overflow.
        ((= float (/ float 2)) (if (< float 0) "negative-infinity" "positive-infinity"))
        (t nil)))

(defun %output-float (float stream)
  (let ((special (%float-infinity-or-nan float)))
    (when special
      (%check-readable float)
      (write-string "#<" stream)
      (write-string (if (%is double float) "double-float " "single-float ") stream)
      (write-string special stream)
      (write-char #\> stream)
      (return-from %output-float nil)))
  (when (minusp (float-sign float)) (write-char #\- stream))
  (let ((magnitude (abs float)))
    (cond ((= magnitude 0)
           (write-string "0.0" stream)
           (%output-exponent float 0 stream))
          (t (multiple-value-bind (digits k) (%float-digits magnitude)
               (cond ((and (<= 1/1000 magnitude) (< magnitude 10000000))
                      (%write-fixed digits k stream)
                      (%output-exponent float 0 stream))
                     (t (%write-fixed digits 1 stream)
                        (%output-exponent float (1- k) stream))))))))

(defun %write-fixed (digits k stream)
  "Writes 0.DIGITS times ten to the K with at least one digit on each side of the point."
  (let ((n (length digits)))
    (cond ((<= k 0)
           (write-string "0." stream)
           (dotimes (i (- k)) (write-char #\0 stream))
           (write-string digits stream))
          ((>= k n)
           (write-string digits stream)
           (dotimes (i (- k n)) (write-char #\0 stream))
           (write-string ".0" stream))
          (t (write-string digits stream :end k)
             (write-char #\. stream)
             (write-string digits stream :start k)))))

(defun %default-format-p (float)
  "True if FLOAT is of the format that a float without exponent marker is read in."
  (if (%is double float)
      (member *read-default-float-format* '(double-float long-float) :test #'eq)
      (member *read-default-float-format* '(single-float short-float) :test #'eq)))

(defun %output-exponent (float exponent stream)
  (let ((default (%default-format-p float)))
    (unless (and default (eql exponent 0))
      (write-char (cond (default #\e) ((%is double float) #\d) (t #\f)) stream)
      (%write-decimal exponent stream))))
