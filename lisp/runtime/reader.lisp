;;;; The reader algorithm: objects, lists, tokens (CLHS 2.2, 2.3, 23.2). Macro characters are in reader-macros.lisp.

(in-package :clysm)

;;; State of one outermost read.
(defvar *%backquote-depth* 0)
(defvar *%read-labels* '())             ; alist: label -> %label, for #n= and #n#

(defglobal *%read-nothing* (list nil))  ; stands for the end of the file, and for a macro character that gave no object
(defglobal *%list-macro* nil)           ; the standard reader macro function of the open parenthesis

(defun %read-eof (stream)
  "Signals the end of the file inside an object."
  (%error 'end-of-file :stream stream))

;;; Entry points.

(defun read (&optional stream (eof-error-p t) eof-value recursive-p)
  (%read-toplevel (%input-stream stream) eof-error-p eof-value recursive-p nil))

(defun read-preserving-whitespace (&optional stream (eof-error-p t) eof-value recursive-p)
  (%read-toplevel (%input-stream stream) eof-error-p eof-value recursive-p t))

(defun %read-toplevel (stream eof-error-p eof-value recursive-p preserve-whitespace)
  (cond (recursive-p
         (let ((object (%read-object stream))) (if *read-suppress* nil object)))
        (t (let* ((*%backquote-depth* 0)
                  (*%read-labels* '())
                  (object (%read-object-or stream *%read-nothing*)))
             (cond ((eq object *%read-nothing*) (%end-of-file stream eof-error-p eof-value))
                   (t (unless preserve-whitespace (%skip-one-whitespace stream))
                      (if *read-suppress* nil object)))))))

(defun %skip-one-whitespace (stream)
  (let ((next (read-char stream nil nil)))
    (when (and next (not (eq (%syntax *readtable* next) :whitespace)))
      (unread-char next stream))))

(defun read-delimited-list (char &optional stream recursive-p)
  (let* ((stream (%input-stream stream))
         (list (if recursive-p
                   (%read-elements stream char nil)
                   (let ((*%backquote-depth* 0) (*%read-labels* '()))
                     (%read-elements stream char nil)))))
    (if *read-suppress* nil list)))

(defun read-from-string (string &optional (eof-error-p t) eof-value
                         &key (start 0) end preserve-whitespace)
  (let* ((stream (make-string-input-stream string start end))
         (object (%read-toplevel stream eof-error-p eof-value nil preserve-whitespace)))
    (values object (%string-input-index stream string))))

;;; Objects.

(defun %read-object-or (stream eof-value)
  "Reads an object, skipping whitespace and comments; EOF-VALUE at the end of the file."
  (do ((object *%read-nothing* *%read-nothing*))
      (nil)
    (let ((c (read-char stream nil nil)))
      (if (null c)
          (return eof-value)
          (setq object (%read-after stream c))))
    (unless (eq object *%read-nothing*) (return object))))

(defun %read-object (stream)
  "Reads an object inside another one."
  (let ((object (%read-object-or stream *%read-nothing*)))
    (if (eq object *%read-nothing*) (%read-eof stream) object)))

(defun %read-after (stream c)
  "Reads the object that begins with C, just read from STREAM; *%READ-NOTHING* for whitespace and comments."
  (let ((syntax (%syntax *readtable* c)))
    (cond ((eq syntax :whitespace) *%read-nothing*)
          ((or (eq syntax :terminating) (eq syntax :non-terminating))
           (let ((function (%macro-function *readtable* c)))
             (if (eq function *%list-macro*)
                 (%read-elements stream #\) t)
                 (let ((values (multiple-value-list (funcall function stream c))))
                   (if values (car values) *%read-nothing*)))))
          (t (%read-token stream c)))))

(defun %read-elements (stream delimiter dot-allowed)
  "Reads objects up to the character DELIMITER. With DOT-ALLOWED the list may end with a dot and an object."
  (let* ((head (list nil)) (last head))
    (do () (nil)
      (let ((c (read-char stream nil nil)))
        (cond ((null c) (%read-eof stream))
              ((char= c delimiter) (return (cdr head)))
              ((and (char= c #\.) (eq (%syntax *readtable* c) :constituent) (%lone-dot-p stream))
               (when (not (or *read-suppress* (and dot-allowed (cdr head))))
                 (%reader-error stream "A dot must stand between objects of a list."))
               (setf (cdr last) (%read-tail stream delimiter))
               (return (cdr head)))
              (t (let ((object (%read-after stream c)))
                   (unless (eq object *%read-nothing*)
                     (setq last (setf (cdr last) (list object)))))))))))

(defun %lone-dot-p (stream)
  "True if the dot just read is a token of its own."
  (let ((next (peek-char nil stream nil nil)))
    (or (null next)
        (member (%syntax *readtable* next) '(:whitespace :terminating) :test #'eq))))

(defun %read-tail (stream delimiter)
  "Reads the one object after a dot, and DELIMITER."
  (let ((tail *%read-nothing*))
    (do () (nil)
      (let ((c (read-char stream nil nil)))
        (cond ((null c) (%read-eof stream))
              ((char= c delimiter)
               (when (and (eq tail *%read-nothing*) (not *read-suppress*))
                 (%reader-error stream "Nothing follows the dot in a list."))
               (return (if (eq tail *%read-nothing*) nil tail)))
              (t (let ((object (%read-after stream c)))
                   (unless (eq object *%read-nothing*)
                     (unless (or (eq tail *%read-nothing*) *read-suppress*)
                       (%reader-error stream "More than one object follows the dot in a list."))
                     (setq tail object)))))))))

;;; Tokens. Characters are gathered in one buffer, which no nested read can meet: a token contains no objects.

(defglobal *%token* (make-string 256))

(defun %grow-token ()
  (let ((new (make-string (* 2 (length *%token*)))))
    (replace new *%token*)
    (setq *%token* new)))

(declaim (inline %put-token))
(defun %put-token (character n)
  "Puts CHARACTER at index N of the token buffer."
  (when (>= n (length *%token*)) (%grow-token))
  (setf (schar *%token* n) character))

(declaim (inline %in-case))
(defun %in-case (character case)
  "CHARACTER as a readtable of CASE reads it; :INVERT is left to the end of the token."
  (cond ((eq case :upcase)
         (let ((code (char-code character)))
           (cond ((>= code 128) (char-upcase character))
                 ((and (<= 97 code) (<= code 122)) (code-char (- code 32)))
                 (t character))))
        ((eq case :downcase) (char-downcase character))
        (t character)))

(defun %gather-token (stream first case)
  "Reads a token that begins with FIRST (NIL: with the next character) into the buffer, letters in CASE of the readtable.
Returns its length, whether it has escapes, the index of its first package marker or NIL, the number of markers, and
with the case :INVERT the indices of escaped characters."
  (let* ((readtable *readtable*) (table (%readtable-syntax readtable)) (n 0))
    (do ((c (or first (read-char stream nil nil)) (read-char stream nil nil)))
        ((null c) (values n nil nil 0 '()))
      (let* ((code (char-code c))
             (syntax (if (< code 127) (svref table code) (%syntax readtable c))))
        (cond ((and (or (eq syntax :constituent) (eq syntax :non-terminating))
                    (not (eql code 58))
                    (not (%invalid-constituent-p c)))
               (%put-token (%in-case c case) n)
               (setq n (1+ n)))
              ((or (eq syntax :whitespace) (eq syntax :terminating))
               (unread-char c stream)
               (return (values n nil nil 0 '())))
              (t (return (%gather-odd-token stream c n case))))))))

(defun %gather-odd-token (stream first n case)
  "Goes on with %GATHER-TOKEN after N characters, at the first that is an escape, a package marker or invalid."
  (let ((readtable *readtable*) (escapes nil) (marker nil) (markers 0) (escaped-indices '()))
    (do ((c first (read-char stream nil nil)))
        ((null c))
      (let ((syntax (%syntax readtable c)))
        (cond ((or (eq syntax :constituent) (eq syntax :non-terminating))
               (cond ((char= c #\:)
                      (unless marker (setq marker n))
                      (setq markers (1+ markers)))
                     ((and (%invalid-constituent-p c) (not *read-suppress*))
                      (%reader-error stream "The character ~S is invalid in a token." c)))
               (%put-token (%in-case c case) n)
               (setq n (1+ n)))
              ((or (eq syntax :single-escape) (eq syntax :multiple-escape))
               (setq escapes t)
               (let ((end (if (eq syntax :single-escape)
                              (progn (%put-token (%read-escaped stream) n) (1+ n))
                              (%gather-escaped stream n))))
                 (when (eq case :invert)
                   (do ((i n (1+ i))) ((>= i end)) (push i escaped-indices)))
                 (setq n end)))
              (t (unread-char c stream)
                 (return nil)))))
    (values n escapes marker markers escaped-indices)))

(defun %read-escaped (stream)
  (or (read-char stream nil nil) (%read-eof stream)))

(defun %gather-escaped (stream n)
  "Puts characters up to the next multiple escape in the buffer from index N on; returns the index after them."
  (do ((c (%read-escaped stream) (%read-escaped stream)))
      ((eq (%syntax *readtable* c) :multiple-escape) n)
    (%put-token (if (eq (%syntax *readtable* c) :single-escape) (%read-escaped stream) c) n)
    (setq n (1+ n))))

(defun %invert-token (n escaped-indices)
  "Inverts the case of the N characters in the buffer if the unescaped letters all have the same case."
  (let ((upper nil) (lower nil))
    (dotimes (i n)
      (let ((c (schar *%token* i)))
        (when (and (both-case-p c) (not (member i escaped-indices)))
          (if (upper-case-p c) (setq upper t) (setq lower t)))))
    (unless (and upper lower)
      (dotimes (i n)
        (let ((c (schar *%token* i)))
          (when (and (both-case-p c) (not (member i escaped-indices)))
            (setf (schar *%token* i) (if upper (char-downcase c) (char-upcase c)))))))))

(defun %read-token (stream first)
  "Reads the number or symbol that begins with FIRST."
  (let ((case (%readtable-%case *readtable*)))
    (multiple-value-bind (n escapes marker markers escaped-indices) (%gather-token stream first case)
      (cond (*read-suppress* nil)
            ((or escapes marker)
             (when (eq case :invert) (%invert-token n escaped-indices))
             (if marker
                 (%qualified-symbol stream n marker markers escapes)
                 (values (intern (subseq *%token* 0 n) *package*))))
            ((%token-number stream n))
            (t (when (%all-dots-p n)
                 (%reader-error stream "A token can't consist of dots only."))
               (when (eq case :invert) (%invert-token n '()))
               (values (intern (subseq *%token* 0 n) *package*)))))))

(defun %all-dots-p (n)
  (dotimes (i n t)
    (unless (char= (schar *%token* i) #\.) (return nil))))

(defun %qualified-symbol (stream n marker markers escapes)
  "The symbol of the token of length N with MARKERS package markers, the first at index MARKER. Only ESCAPES give it an empty name."
  (let ((name (subseq *%token* (+ marker markers) n)))
    (cond ((not (and (%adjacent-markers-p n marker markers)
                     (or escapes (plusp (length name)))))
           (%reader-error stream "The package markers in ~S are misplaced." (subseq *%token* 0 n)))
          ((and (eql marker 0) (eql markers 1))
           (values (intern name (symbol-package :key))))
          ((eql marker 0)
           (%reader-error stream "A package name is missing in ~S." (subseq *%token* 0 n)))
          (t (%symbol-in-package stream (subseq *%token* 0 marker) name (eql markers 2))))))

(defun %adjacent-markers-p (n marker markers)
  "True if the MARKERS package markers are one, or two side by side."
  (or (eql markers 1)
      (and (eql markers 2)
           (< (1+ marker) n)
           (char= (schar *%token* (1+ marker)) #\:))))

(defun %symbol-in-package (stream package-name name internal)
  (let ((package (find-package package-name)))
    (unless package
      (%error '%reader-package-error :stream stream :package package-name
                                    :format-control "There is no package named ~S."
                                    :format-arguments (list package-name)))
    (if (or internal (eq package (symbol-package :key)))
        (values (intern name package))
        (multiple-value-bind (symbol status) (find-symbol name package)
          (unless (eq status :external)
            (%error '%reader-package-error :stream stream :package package
                                          :format-control "The symbol ~S is not external in the package ~A."
                                          :format-arguments (list name (package-name package))))
          symbol))))
