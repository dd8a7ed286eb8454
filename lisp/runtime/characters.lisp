;;;; Characters (CLHS 13). A character is a Unicode scalar value: every code below CHAR-CODE-LIMIT but the surrogates.

(in-package :clysm)

(defconstant char-code-limit #x110000)

(defun characterp (object)
  (%is character object))

(defmacro %code (character)
  "The code of the value of the variable CHARACTER; TYPE-ERROR if that is no character."
  `(if (%is character ,character)
       (%get character code ,character)
       (%i32 (%type-error ,character 'character))))

(defun char-code (character)
  (%fixnum (%code character)))

(defun char-int (character)
  (%fixnum (%code character)))

(defun code-char (code)
  (unless (and (%fixnump code) (%i32.lt_u (%i32 code) char-code-limit))
    (%type-error code `(integer 0 (,char-code-limit))))
  (if (%i32.eq (%i32.and (%i32 code) #x1FF800) #xD800)
      nil
      (%character-of-code code)))

(defun character (designator)
  (cond ((%is character designator) designator)
        ((and (or (symbolp designator) (stringp designator))
              (eql (length (string designator)) 1))
         (char (string designator) 0))
        (t (%type-error designator '(or character (string 1) symbol)))))

;;; Case (CLHS 13.1.4.3).

(defun %upcase-code (code)
  "The code of the upper case of the character with the code CODE."
  (let ((c (%i32 code)))
    (cond ((%i32.lt_s c 128)
           (if (%i32.lt_u (%i32.sub c 97) 26) (%fixnum (%i32.sub c 32)) code))
          (t (%other-case code *upcase-runs*)))))

(defun %downcase-code (code)
  "The code of the lower case of the character with the code CODE."
  (let ((c (%i32 code)))
    (cond ((%i32.lt_s c 128)
           (if (%i32.lt_u (%i32.sub c 65) 26) (%fixnum (%i32.add c 32)) code))
          (t (%other-case code *downcase-runs*)))))

(defmacro %folded (code)
  "The raw i32 CODE, a variable, in upper case: what characters are compared by when case does not count."
  `(if (%i32.lt_s ,code 128)
       (if (%i32.lt_u (%i32.sub ,code 97) 26) (%i32.sub ,code 32) ,code)
       (%i32 (%upcase-code (%fixnum ,code)))))

(defun char-upcase (character)
  (let* ((code (char-code character)) (other (%upcase-code code)))
    (if (eq code other) character (%character-of-code other))))

(defun char-downcase (character)
  (let* ((code (char-code character)) (other (%downcase-code code)))
    (if (eq code other) character (%character-of-code other))))

(defun upper-case-p (character)
  (let ((code (char-code character)))
    (not (eq code (%downcase-code code)))))

(defun lower-case-p (character)
  (let ((code (char-code character)))
    (not (eq code (%upcase-code code)))))

(defun both-case-p (character)
  (let ((code (char-code character)))
    (not (and (eq code (%upcase-code code))
              (eq code (%downcase-code code))))))

;;; Other properties (CLHS 13.1.4).

(defun %letter-code-p (code)
  (let ((c (%i32 code)))
    (if (%i32.lt_s c 128)
        (%i32.lt_u (%i32.sub (%i32.or c 32) 97) 26)
        (%in-runs-p code *letter-boundaries*))))

(defun alpha-char-p (character)
  (%letter-code-p (char-code character)))

(defun alphanumericp (character)
  (let ((code (char-code character)))
    (or (%letter-code-p code)
        (if (%decimal-digit code) t nil))))

(defun graphic-char-p (character)
  (let ((code (char-code character)))
    (if (< code 127)
        (>= code 32)
        (not (%in-runs-p code *non-graphic-boundaries*)))))

(defun standard-char-p (character)
  (let ((code (char-code character)))
    (or (<= 32 code 126) (eql code 10))))

(defun %check-radix (radix)
  (unless (and (%fixnump radix) (<= 2 radix 36))
    (%type-error radix '(integer 2 36))))

(defun %digit-value (code)
  "The value of the character with the code CODE as a digit in base 36, or 36."
  (let ((c (%i32 code)))
    (cond ((%i32.lt_u (%i32.sub c 48) 10) (%fixnum (%i32.sub c 48)))
          ((%i32.lt_s c 128)
           (let ((letter (%i32.sub (%i32.or c 32) 97)))
             (if (%i32.lt_u letter 26) (%fixnum (%i32.add letter 10)) 36)))
          (t (or (%decimal-digit code) 36)))))

(defun digit-char-p (character &optional (radix 10))
  (%check-radix radix)
  (let ((value (%digit-value (char-code character))))
    (if (< value radix) value nil)))

(defun digit-char (weight &optional (radix 10))
  (%check-radix radix)
  (unless (and (integerp weight) (>= weight 0))
    (%type-error weight 'unsigned-byte))
  (cond ((>= weight radix) nil)
        ((< weight 10) (code-char (+ weight 48)))
        (t (code-char (+ weight 55)))))

;;; Comparison (CLHS 13.2.3). All arguments are checked, however early the answer is known.

(defmacro %define-ordering (name operator fold)
  "Defines NAME to tell whether each pair of neighbours satisfies the i32 comparison OPERATOR; FOLD is applied to the codes."
  `(defun ,name (character &optional (second nil second-p) &rest more)
     (let ((a (%code character)) (result t))
       (when second-p
         (let ((b (%code second)))
           (setq result (,operator (,fold a) (,fold b))
                 a b)
           (dolist (c more)
             (let ((b (%code c)))
               (unless (,operator (,fold a) (,fold b))
                 (setq result nil))
               (setq a b)))))
       result)))

(%define-ordering char= %i32.eq progn)
(%define-ordering char< %i32.lt_s progn)
(%define-ordering char> %i32.gt_s progn)
(%define-ordering char<= %i32.le_s progn)
(%define-ordering char>= %i32.ge_s progn)
(%define-ordering char-equal %i32.eq %folded)
(%define-ordering char-lessp %i32.lt_s %folded)
(%define-ordering char-greaterp %i32.gt_s %folded)
(%define-ordering char-not-greaterp %i32.le_s %folded)
(%define-ordering char-not-lessp %i32.ge_s %folded)

(defmacro %define-distinctness (name fold)
  "Defines NAME to tell whether no two of its arguments have the same code after FOLD."
  `(defun ,name (character &rest more)
     (let ((result t))
       (do ((first character (car rest))
            (rest more (cdr rest)))
           ((null rest)
            (%code first)
            result)
         (let ((a (%code first)))
           (dolist (other rest)
             (let ((b (%code other)))
               (when (%i32.eq (,fold a) (,fold b))
                 (setq result nil)))))))))

(%define-distinctness char/= progn)
(%define-distinctness char-not-equal %folded)

;;; Names (CLHS 13.1.7). The first name given for a code is the one that CHAR-NAME returns.

(defglobal *character-names*
  '((0 "Nul" "Null") (1 "Soh") (2 "Stx") (3 "Etx") (4 "Eot") (5 "Enq") (6 "Ack") (7 "Bel" "Bell")
    (8 "Backspace" "Bs") (9 "Tab" "Ht") (10 "Newline" "Linefeed" "Lf" "Nl") (11 "Vt") (12 "Page" "Form" "Formfeed" "Ff")
    (13 "Return" "Cr") (14 "So") (15 "Si") (16 "Dle") (17 "Dc1") (18 "Dc2") (19 "Dc3") (20 "Dc4") (21 "Nak") (22 "Syn")
    (23 "Etb") (24 "Can") (25 "Em") (26 "Sub") (27 "Esc" "Escape" "Altmode" "Alt") (28 "Fs") (29 "Gs") (30 "Rs")
    (31 "Us") (32 "Space" "Sp") (127 "Rubout" "Delete" "Del") (160 "No-Break_Space" "Nbsp")))

(defun %hexadecimal (code)
  "The digits of CODE in base 16, at least four."
  (let ((result (make-string (cond ((< code #x10000) 4) ((< code #x100000) 5) (t 6)))))
    (do ((i (- (length result) 1) (- i 1))
         (rest code (ash rest -4)))
        ((< i 0) result)
      (setf (schar result i) (digit-char (logand rest 15) 16)))))

(defun char-name (character)
  (let* ((code (char-code character)) (names (cdr (assoc code *character-names*))))
    (cond (names (car names))
          ((graphic-char-p character) nil)
          (t (%string-append "U+" (%hexadecimal code))))))

(defun %hexadecimal-value (string start)
  "The code that the hexadecimal digits of STRING from START on spell, or NIL."
  (let ((code 0) (end (length string)))
    (if (or (>= start end) (> end (+ start 8)))
        nil
        (do ((i start (+ i 1)))
            ((>= i end) (if (< code char-code-limit) code nil))
          (let ((digit (digit-char-p (char string i) 16)))
            (if digit
                (setq code (+ (* code 16) digit))
                (return nil)))))))

(defun name-char (name)
  (let ((name (string name)))
    (dolist (entry *character-names*)
      (dolist (known (cdr entry))
        (when (string-equal known name)
          (return-from name-char (code-char (car entry))))))
    (if (and (> (length name) 1) (char-equal (char name 0) #\U))
        (let ((code (%hexadecimal-value name (if (char= (char name 1) #\+) 2 1))))
          (if code (code-char code) nil))
        nil)))
