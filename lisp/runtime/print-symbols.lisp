;;;; How symbols print: package prefixes, case, and the escapes that make them read back the same (CLHS 22.1.3.3).

(in-package :clysm)

(defun %output-symbol (symbol stream)
  (cond (*print-readably*
         ;; What is printed readably must be so for the standard readtable, whatever the current one is.
         (let ((*readtable* *%standard-readtable*))
           (%output-symbol-readably symbol stream)))
        (*print-escape* (%output-symbol-readably symbol stream))
        (t (%output-cased (symbol-name symbol) stream))))

(defun %output-symbol-readably (symbol stream)
  (let ((package (symbol-package symbol)) (name (symbol-name symbol)))
    (cond ((eq package *package*))
          ((null package)
           (when (or *print-gensym* *print-readably*) (write-string "#:" stream)))
          ((eq package (symbol-package :key)) (write-char #\: stream))
          (t (%output-package-prefix symbol package stream)))
    (%output-name name stream)))

(defun %output-package-prefix (symbol package stream)
  "Writes the prefix that SYMBOL of PACKAGE needs in the current package, if any."
  (unless (%status-in symbol *package*)
    (%output-name (%package-name package) stream)
    (write-string (if (eq (%status-in symbol package) :external) ":" "::") stream)))

(defun %output-name (name stream)
  "Writes NAME as a token, between bars if it would not read back as it is."
  (if (and (not (%plain-name-p name)) (%needs-bars-p name))
      (%output-quoted name #\| stream)
      (%output-cased name stream)))

;;; When the name needs bars.

(defun %plain-name-p (name)
  "True if NAME is made of what most names are made of, capitals and a few signs, so that it needs no closer look."
  (let ((table (%readtable-syntax *readtable*)) (end (length name)))
    (and (> end 0)
         (eql *print-base* 10)           ; else letters are digits
         (not (eq (%readtable-%case *readtable*) :downcase))
         (dotimes (i end t)
           (let ((code (char-code (char name i))))
             (unless (and (or (and (<= 65 code) (<= code 90)) (eql code 45) (eql code 42) (eql code 37))
                          (eq (svref table code) :constituent))
               (return nil)))))))

(defun %needs-bars-p (name)
  (let ((end (length name)) (case (readtable-case *readtable*)) (number-like nil) (other nil))
    (dotimes (i end)
      (let* ((c (char name i)) (syntax (%syntax *readtable* c)))
        (when (or (char= c #\:)
                  (not (or (eq syntax :constituent)
                           (and (eq syntax :non-terminating) (> i 0))))
                  (%invalid-constituent-p c)
                  (and (eq case :upcase) (both-case-p c) (lower-case-p c))
                  (and (eq case :downcase) (both-case-p c) (upper-case-p c)))
          (return-from %needs-bars-p t))
        (when (digit-char-p c 36) (setq number-like t))
        (unless (char= c #\.) (setq other t))))
    (or (not other)                     ; the empty name, or dots alone
        (and number-like (%potential-number-p name end)))))

(defun %potential-number-p (name end)
  "True if NAME has the syntax of a potential number (CLHS 2.3.1.1) in the base *PRINT-BASE*."
  (let ((base (if (find #\. name) 10 *print-base*)) (digits nil))
    (flet ((digit-p (c) (or (digit-char-p c base) (digit-char-p c 10)))
           (sign-p (c) (or (char= c #\+) (char= c #\-))))
      (let ((first (char name 0)))
        (unless (or (digit-p first) (sign-p first) (find first ".^_"))
          (return-from %potential-number-p nil)))
      (when (sign-p (char name (1- end)))
        (return-from %potential-number-p nil))
      (dotimes (i end digits)
        (let ((c (char name i)))
          (cond ((digit-p c) (setq digits t))
                ((or (sign-p c) (find c "./^_")))
                ((not (alpha-char-p c)) (return nil))
                ;; A letter beside another letter is no number marker.
                ((and (< (1+ i) end)
                      (alpha-char-p (char name (1+ i)))
                      (not (digit-p (char name (1+ i)))))
                 (return nil))))))))

;;; Case (CLHS 22.1.3.3.2).

(defun %output-cased (name stream)
  (let ((print-case *print-case*))
    (case (readtable-case *readtable*)
      (:upcase
       (case print-case
         (:upcase (write-string name stream))
         (:downcase (write-string (string-downcase name) stream))
         (t (%write-capitalized name nil stream))))
      (:downcase
       (case print-case
         (:upcase (write-string (string-upcase name) stream))
         (:downcase (write-string name stream))
         (t (%write-capitalized name t stream))))
      (:invert (write-string (%invert-case name) stream))
      (t (write-string name stream)))))

(defun %write-capitalized (name downcase-readtable stream)
  "Writes NAME with each word's first letter in upper case; only letters of the readtable's own case change."
  (let ((in-word nil))
    (dotimes (i (length name))
      (let ((c (char name i)))
        (write-char (cond ((and in-word (not downcase-readtable)) (char-downcase c))
                          ((and (not in-word) downcase-readtable) (char-upcase c))
                          (t c))
                    stream)
        (setq in-word (alphanumericp c))))))

(defun %invert-case (name)
  "NAME with its case inverted if all its letters have the same case."
  (let ((upper nil) (lower nil))
    (dotimes (i (length name))
      (let ((c (char name i)))
        (when (both-case-p c)
          (if (upper-case-p c) (setq upper t) (setq lower t)))))
    (cond ((and upper lower) name)
          (upper (string-downcase name))
          (lower (string-upcase name))
          (t name))))
