;;;; The directives of FORMAT (CLHS 22.3). A handler takes the directive, the stream and the state of the arguments; it
;;;; returns NIL, or :UP or :OUT when a ~^ or ~:^ ends what encloses it.

(in-package :clysm)

(defstruct (%arguments (:constructor %make-arguments (all rest more)) (:copier nil) (:predicate nil))
  all rest                              ; the list, and what is left of it
  more)                                 ; within ~:{, whether further sublists follow

(defun %next-argument (directive state)
  (let ((rest (%arguments-rest state)))
    (cond ((consp rest) (pop (%arguments-rest state)))
          ((null rest) (%format-error directive "no more arguments"))
          (t (%type-error rest 'list)))))

(defun %back-up (directive state count)
  "Goes back COUNT arguments."
  (let ((position (- (length (%arguments-all state)) (length (%arguments-rest state)) count)))
    (when (< position 0) (%format-error directive "there are no ~D arguments to go back over" count))
    (setf (%arguments-rest state) (nthcdr position (%arguments-all state)))))

(defun %parameter-values (directive state)
  "The parameters of DIRECTIVE, V and # replaced by their values."
  (let ((parameters (%directive-parameters directive)))
    (if (or (member :argument parameters :test #'eq) (member :count parameters :test #'eq))
        (mapcar (lambda (p)
                  (cond ((eq p :argument) (%next-argument directive state))
                        ((eq p :count) (length (%arguments-rest state)))
                        (t p)))
                parameters)
        parameters)))

(defun %integer-parameter (directive value default)
  (cond ((null value) default)
        ((integerp value) value)
        (t (%format-error directive "the parameter ~S should be an integer" value))))

(defun %character-parameter (directive value default)
  (cond ((null value) default)
        ((characterp value) value)
        (t (%format-error directive "the parameter ~S should be a character" value))))

(defmacro %define-handler (name (directive stream state &rest parameters) &body body)
  "Defines the handler NAME; PARAMETERS are (variable kind default), kind INTEGER or CHARACTER."
  (let ((values (gensym "VALUES")))
    `(defun ,name (,directive ,stream ,state)
       (declare (ignorable ,directive ,stream ,state))
       ,@(if parameters
             `((let ((,values (%parameter-values ,directive ,state)))
                 (declare (ignorable ,values))
                 (let* ,(mapcar (lambda (p)
                                  `(,(car p) (,(if (eq (cadr p) 'integer) '%integer-parameter '%character-parameter)
                                              ,directive (pop ,values) ,(caddr p))))
                                parameters)
                   ,@body)))
             body)
       nil)))

(defun %run-items (items stream state)
  "Executes ITEMS; returns NIL, :UP or :OUT."
  (dolist (item items nil)
    (if (stringp item)
        (write-string item stream)
        (let ((exit (funcall (%directive-handler item) item stream state)))
          (when exit (return exit))))))

;;; Printing objects.

(defun %write-in-field (text mincol colinc minpad padchar left stream)
  "Writes TEXT with padding: MINPAD characters and then COLINC at a time until there are MINCOL columns."
  (let ((padding minpad))
    (do () ((>= (+ (length text) padding) mincol))
      (setq padding (+ padding colinc)))
    (when left (%write-repeated padchar padding stream))
    (write-string text stream)
    (unless left (%write-repeated padchar padding stream))))

(defun %format-object (directive stream state printer)
  (if (null (%directive-parameters directive))
      (let ((object (%next-argument directive state)))
        (if (and (null object) (%directive-colon directive))
            (write-string "()" stream)
            (funcall printer object stream)))
      (let* ((values (%parameter-values directive state))
             (mincol (%integer-parameter directive (first values) 0))
             (colinc (max 1 (%integer-parameter directive (second values) 1)))
             (minpad (%integer-parameter directive (third values) 0))
             (padchar (%character-parameter directive (fourth values) #\space))
             (object (%next-argument directive state))
             (buffer (make-string-output-stream)))
        (if (and (null object) (%directive-colon directive))
            (write-string "()" buffer)
            (funcall printer object buffer))
        (%write-in-field (get-output-stream-string buffer) mincol colinc minpad padchar
                         (%directive-at directive) stream)))
  nil)

(defun %format-a (directive stream state) (%format-object directive stream state #'%princ))
(defun %format-s (directive stream state) (%format-object directive stream state #'prin1))

(defun %format-w (directive stream state)
  (let ((object (%next-argument directive state)))
    (if (%directive-at directive)
        (let ((*print-level* nil) (*print-length* nil)) (%output-object object stream))
        (%output-object object stream)))
  nil)

(%define-handler %format-c (directive stream state)
  (let ((c (%next-argument directive state)))
    (unless (characterp c) (%type-error c 'character))
    (cond ((%directive-colon directive)
           (if (and (graphic-char-p c) (not (char= c #\space)))
               (write-char c stream)
               (write-string (or (char-name c) (string c)) stream)))
          ((%directive-at directive) (prin1 c stream))
          (t (write-char c stream)))))

(%define-handler %format-p (directive stream state)
  (when (%directive-colon directive) (%back-up directive state 1))
  (let ((one (eql (%next-argument directive state) 1)))
    (if (%directive-at directive)
        (write-string (if one "y" "ies") stream)
        (unless one (write-char #\s stream)))))

;;; Integers.

(defun %format-radix (directive stream state base values)
  (let ((mincol (%integer-parameter directive (first values) 0))
        (padchar (%character-parameter directive (second values) #\space))
        (commachar (%character-parameter directive (third values) #\,))
        (interval (%integer-parameter directive (fourth values) 3)))
    (%format-integer stream (%next-argument directive state) base mincol padchar commachar (max 1 interval)
                     (%directive-colon directive) (%directive-at directive)))
  nil)

(defun %format-d (directive stream state)
  (if (or (%directive-parameters directive) (%directive-colon directive) (%directive-at directive))
      (%format-radix directive stream state 10 (%parameter-values directive state))
      (%format-decimal (%next-argument directive state) stream))
  nil)

(defun %format-decimal (object stream)
  "~D without parameters."
  (if (integerp object)
      (%write-decimal object stream)
      (let ((*print-base* 10) (*print-radix* nil))
        (%princ object stream))))

(defun %format-b (directive stream state)
  (%format-radix directive stream state 2 (%parameter-values directive state)))
(defun %format-o (directive stream state)
  (%format-radix directive stream state 8 (%parameter-values directive state)))
(defun %format-x (directive stream state)
  (%format-radix directive stream state 16 (%parameter-values directive state)))

(defun %format-r (directive stream state)
  (let ((values (%parameter-values directive state)))
    (if (first values)
        (let ((base (%integer-parameter directive (first values) 10)))
          (unless (<= 2 base 36) (%format-error directive "the radix ~D is not between 2 and 36" base))
          (%format-radix directive stream state base (rest values)))
        (%format-words directive stream (%next-argument directive state))))
  nil)

(defun %format-words (directive stream n)
  (let ((colon (%directive-colon directive)) (at (%directive-at directive)))
    (unless (integerp n) (%type-error n 'integer))
    (cond ((not at) (%write-english stream n colon))
          ((<= 1 n (if colon 4999 3999)) (%write-roman stream n colon))
          (t (%format-error directive "~D can't be written in Roman numerals" n)))))

;;; Floats.

(defun %format-real (directive stream state width writer)
  "Calls WRITER on the next argument as a float; what is no real number is written in a field of WIDTH as by ~D."
  (let ((x (%next-argument directive state)))
    (cond ((and (floatp x) (%float-infinity-or-nan x)) (prin1 x stream))
          ((floatp x) (funcall writer x))
          ((rationalp x) (funcall writer (coerce x 'single-float)))
          (t (%format-integer stream x 10 (or width 0) #\space #\, 3 nil nil)))))

(%define-handler %format-f (directive stream state (w integer nil) (d integer nil) (k integer 0)
                                      (overflow character nil) (pad character #\space))
  (%format-real directive stream state w
                (lambda (x) (%format-fixed stream x w d k overflow pad (%directive-at directive)))))

(%define-handler %format-e (directive stream state (w integer nil) (d integer nil) (e integer nil) (k integer 1)
                                      (overflow character nil) (pad character #\space) (expchar character nil))
  (%format-real directive stream state w
                (lambda (x)
                  (%format-exponential stream x w d e k overflow pad expchar (%directive-at directive)))))

(%define-handler %format-g (directive stream state (w integer nil) (d integer nil) (e integer nil) (k integer nil)
                                      (overflow character nil) (pad character #\space) (expchar character nil))
  (%format-real directive stream state w
                (lambda (x)
                  (%format-general stream x w d e k overflow pad expchar (%directive-at directive)))))

(%define-handler %format-dollar (directive stream state (d integer 2) (n integer 1) (w integer 0)
                                           (pad character #\space))
  (%format-real directive stream state w
                (lambda (x)
                  (%format-dollars stream x d n w pad (%directive-colon directive) (%directive-at directive)))))

;;; Characters and columns.

(%define-handler %format-percent (directive stream state (n integer 1))
  (dotimes (i n) (terpri stream)))

(%define-handler %format-ampersand (directive stream state (n integer 1))
  (when (> n 0)
    (fresh-line stream)
    (dotimes (i (1- n)) (terpri stream))))

(%define-handler %format-bar (directive stream state (n integer 1))
  (%write-repeated (code-char 12) n stream))

(%define-handler %format-tilde (directive stream state (n integer 1))
  (%write-repeated #\~ n stream))

(%define-handler %format-t (directive stream state (column integer 1) (increment integer 1))
  (when (%directive-colon directive) (%not-yet-supported "~~:T in a format string"))
  (let ((now (%stream-column stream)))
    (cond ((%directive-at directive)
           (%write-repeated #\space column stream)
           (when (and now (> increment 0))
             (%write-repeated #\space (mod (- (+ now column)) increment) stream)))
          ((null now) (write-string "  " stream))
          ((< now column) (%write-repeated #\space (- column now) stream))
          ((> increment 0)
           (%write-repeated #\space (- increment (mod (- now column) increment)) stream)))))

;;; Arguments.

(defun %format-star (directive stream state)
  (declare (ignore stream))
  (let* ((n (first (%parameter-values directive state)))
         (count (%integer-parameter directive n (if (%directive-at directive) 0 1))))
    (cond ((%directive-at directive)
           (unless (<= 0 count (length (%arguments-all state)))
             (%format-error directive "there is no argument ~D" count))
           (setf (%arguments-rest state) (nthcdr count (%arguments-all state))))
          ((%directive-colon directive) (%back-up directive state count))
          (t (dotimes (i count) (%next-argument directive state))))
    nil))

(defun %format-question (directive stream state)
  (let ((control (%next-argument directive state)))
    (if (%directive-at directive)
        (%run-control control stream state)
        (let ((arguments (%next-argument directive state)))
          (unless (listp arguments) (%type-error arguments 'list))
          (%run-control control stream (%make-arguments arguments arguments nil))))
    nil))

(defun %run-control (control stream state)
  "Executes CONTROL, a string or a function as FORMATTER makes, on the arguments of STATE."
  (cond ((stringp control) (%run-items (%control-items control) stream state))
        ((functionp control)
         (setf (%arguments-rest state) (apply control stream (%arguments-rest state)))
         nil)
        (t (%type-error control '(or string function)))))

(defun %format-slash (directive stream state)
  (let ((values (%parameter-values directive state)))
    (apply (%directive-separators directive) stream (%next-argument directive state)
           (%directive-colon directive) (%directive-at directive) values))
  nil)

(defun %format-caret (directive stream state)
  (declare (ignore stream))
  (let ((values (%parameter-values directive state)) (colon (%directive-colon directive)))
    (if (cond ((third values) (<= (first values) (second values) (third values)))
              ((second values) (eql (first values) (second values)))
              ((first values) (eql (first values) 0))
              (colon (not (%arguments-more state)))
              (t (null (%arguments-rest state))))
        (if colon :out :up)
        nil)))

(defun %format-unsupported (directive stream state)
  (declare (ignore stream state))
  (%not-yet-supported "~~~C in a format string" (%directive-character directive)))

;;; Directives that enclose others.

(defun %format-case (directive stream state)
  "~( ... ~)"
  (let* ((buffer (make-string-output-stream))
         (exit (%run-items (car (%directive-clauses directive)) buffer state))
         (text (get-output-stream-string buffer))
         (colon (%directive-colon directive)))
    (write-string (cond ((and colon (%directive-at directive)) (string-upcase text))
                        (colon (string-capitalize text))
                        ((%directive-at directive) (%capitalize-first text))
                        (t (string-downcase text)))
                  stream)
    exit))

(defun %capitalize-first (text)
  "TEXT in lower case, but for its first letter."
  (let* ((result (string-downcase text)) (first (position-if #'alpha-char-p result)))
    (when first (setf (char result first) (char-upcase (char result first))))
    result))

(defun %format-conditional (directive stream state)
  "~[ ... ~]"
  (let ((clauses (%directive-clauses directive)))
    (cond ((%directive-colon directive)
           (unless (eql (length clauses) 2) (%format-error directive "~~:[ needs two clauses"))
           (%run-items (if (%next-argument directive state) (second clauses) (first clauses)) stream state))
          ((%directive-at directive)
           (unless (eql (length clauses) 1) (%format-error directive "~~@[ needs one clause"))
           (if (%next-argument directive state)
               (progn (%back-up directive state 1)
                      (%run-items (first clauses) stream state))
               nil))
          (t (%run-items (%selected-clause directive clauses state) stream state)))))

(defun %selected-clause (directive clauses state)
  (let* ((values (%parameter-values directive state))
         (n (if (first values) (first values) (%next-argument directive state)))
         (count (length clauses))
         (default (and (> count 1)
                       (%directive-colon (nth (- count 2) (%directive-separators directive))))))
    (unless (integerp n) (%type-error n 'integer))
    (cond ((and (<= 0 n) (< n (if default (1- count) count))) (nth n clauses))
          (default (car (last clauses)))
          (t '()))))

(defun %format-iteration (directive stream state)
  "~{ ... ~}"
  (let* ((limit (first (%parameter-values directive state)))
         (items (car (%directive-clauses directive)))
         (body (if items
                   (lambda (s) (%run-items items stream s))
                   (let ((control (%next-argument directive state)))
                     (lambda (s) (%run-control control stream s)))))
         (once (%directive-colon (%end-of-block directive)))
         (own (if (%directive-at directive)
                  state
                  (let ((list (%next-argument directive state)))
                    (unless (listp list) (%type-error list 'list))
                    (%make-arguments list list nil)))))
    (if (%directive-colon directive)
        (%iterate-sublists directive body own limit once)
        (%iterate body own limit once))
    nil))

(defun %iterate (body state limit once)
  (do ((count 0 (1+ count)))
      ((or (and limit (>= count limit))
           (and (null (%arguments-rest state)) (not (and once (eql count 0))))))
    (when (funcall body state) (return nil))))

(defun %iterate-sublists (directive body state limit once)
  (do ((count 0 (1+ count)))
      ((or (and limit (>= count limit))
           (and (null (%arguments-rest state)) (not (and once (eql count 0))))))
    (let ((sublist (if (%arguments-rest state) (%next-argument directive state) '())))
      (unless (listp sublist) (%type-error sublist 'list))
      (when (eq (funcall body (%make-arguments sublist sublist (consp (%arguments-rest state)))) :out)
        (return nil)))))

(defun %format-justification (directive stream state)
  "~< ... ~>"
  (when (%directive-colon (%end-of-block directive))
    (%not-yet-supported "~~< ... ~~:> in a format string"))
  (let* ((values (%parameter-values directive state))
         (mincol (%integer-parameter directive (first values) 0))
         (colinc (max 1 (%integer-parameter directive (second values) 1)))
         (minpad (%integer-parameter directive (third values) 0))
         (padchar (%character-parameter directive (fourth values) #\space))
         (separator (car (%directive-separators directive)))
         (overflow (and (char= (%directive-character separator) #\;) (%directive-colon separator) separator))
         (clauses (%directive-clauses directive))
         (prefix nil) (spare 0) (line 72))
    (when overflow
      (let ((parameters (%parameter-values overflow state)))
        (setq spare (%integer-parameter overflow (first parameters) 0)
              line (%integer-parameter overflow (second parameters) 72)))
      (setq prefix (%clause-text (pop clauses) state)))
    (unless (eq prefix :exit)
      (let ((texts (%clause-texts clauses state)))
        (%justify texts mincol colinc minpad padchar
                  (%directive-colon directive) (%directive-at directive)
                  prefix spare line stream)))
    nil))

(defun %clause-text (items state)
  "What ITEMS write, or :EXIT if a ~^ ends them."
  (let* ((buffer (make-string-output-stream)) (exit (%run-items items buffer state)))
    (if exit :exit (get-output-stream-string buffer))))

(defun %clause-texts (clauses state)
  (let ((texts '()))
    (dolist (clause clauses (nreverse texts))
      (let ((text (%clause-text clause state)))
        (when (eq text :exit) (return (nreverse texts)))
        (push text texts)))))

(defun %justify (texts mincol colinc minpad padchar before after prefix spare line stream)
  "Writes TEXTS with padding between them, and BEFORE the first and AFTER the last if asked for."
  (let* ((count (length texts))
         ;; A single text without padding around it stands at the right, after what fills the column if anything has to.
         (alone (and (<= count 1) (not before) (not after)))
         (before (or before alone))
         (minpad (if alone 0 minpad))
         (gaps (+ (max 0 (1- count)) (if before 1 0) (if after 1 0)))
         (width (reduce #'+ texts :key #'length))
         (total mincol))
    (do () ((<= (+ width (* minpad gaps)) total))
      (setq total (+ total colinc)))
    (when (and prefix (> (+ (or (%stream-column stream) 0) total spare) line))
      (write-string prefix stream))
    (let ((padding (- total width)))
      (flet ((gap ()
               (let ((share (floor padding (max gaps 1))))
                 (%write-repeated padchar share stream)
                 (setq padding (- padding share) gaps (1- gaps)))))
        (when before (gap))
        (do ((rest texts (cdr rest)))
            ((null rest))
          (write-string (car rest) stream)
          (when (or (cdr rest) after) (gap)))))))

;;; The table of handlers.

(defun %directive-handler-for (directive character)
  (case character
    (#\A #'%format-a) (#\S #'%format-s) (#\W #'%format-w) (#\C #'%format-c) (#\P #'%format-p)
    (#\D #'%format-d) (#\B #'%format-b) (#\O #'%format-o) (#\X #'%format-x) (#\R #'%format-r)
    (#\F #'%format-f) (#\E #'%format-e) (#\G #'%format-g) (#\$ #'%format-dollar)
    (#\% #'%format-percent) (#\& #'%format-ampersand) (#\| #'%format-bar) (#\~ #'%format-tilde) (#\T #'%format-t)
    (#\* #'%format-star) (#\? #'%format-question) (#\/ #'%format-slash) (#\^ #'%format-caret)
    (#\( #'%format-case) (#\[ #'%format-conditional) (#\{ #'%format-iteration) (#\< #'%format-justification)
    ((#\_ #\I) #'%format-unsupported)
    (t (%format-error directive "~~~C stands alone" character))))
