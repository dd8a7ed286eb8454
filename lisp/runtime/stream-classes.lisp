;;;; Stream objects: their classes, their operations, their conditions, and stream designators (CLHS 21.1).
;;;;
;;;; Every stream has two character windows, one for input and one for output: a simple string, the index of the
;;;; next character and a limit.  READ-CHAR and WRITE-CHAR work inside the window without knowing the kind of
;;;; stream; only at its limit do they call the operation of the kind.  A stream that must see every
;;;; character (a synonym stream, a line-buffered terminal) keeps its limit at zero.

(in-package :clysm)

;;; Conditions beyond those of CLHS 9

(define-condition closed-stream-error (stream-error) ()
  (:report (lambda (condition stream)
             (format stream "The stream ~S is closed." (stream-error-stream condition)))))

(define-condition stream-direction-error (stream-error type-error) ()
  (:report (lambda (condition stream)
             (format stream "The stream ~S does not support this operation: expected ~S."
                     (stream-error-stream condition) (type-error-expected-type condition)))))

(define-condition stream-decoding-error (stream-error)
  ((position :initarg :position :reader stream-decoding-error-position)
   (octets :initarg :octets :reader stream-decoding-error-octets))
  (:report (lambda (condition stream)
             (format stream "Invalid UTF-8 at octet ~D of ~S: ~{~2,'0X~^ ~}."
                     (stream-decoding-error-position condition) (stream-error-stream condition)
                     (stream-decoding-error-octets condition)))))

(define-condition stream-encoding-error (stream-error)
  ((character :initarg :character :reader stream-encoding-error-character)
   (external-format :initarg :external-format :reader stream-encoding-error-external-format))
  (:report (lambda (condition stream)
             (format stream "The character ~S cannot be encoded in ~S."
                     (stream-encoding-error-character condition)
                     (stream-encoding-error-external-format condition)))))

(define-condition host-stream-error (stream-error)
  ((reason :initarg :reason :reader host-stream-error-reason))
  (:report (lambda (condition stream)
             (format stream "Input or output on ~S failed: ~A."
                     (stream-error-stream condition) (host-stream-error-reason condition)))))

(defun %host-error-text (code)
  "What a negative result CODE of a host import means."
  (case code
    (-1 "end of file")
    (-2 "unknown descriptor")
    (-3 "the descriptor is closed")
    (-4 "wrong direction")
    (-5 "no such file or directory")
    (-6 "not permitted")
    (-7 "it exists already")
    (-8 "invalid UTF-8")
    (-10 "it is a directory")
    (-11 "it is not a directory")
    (-12 "the directory is not empty")
    (-13 "invalid argument")
    (t "input/output error")))

;;; Operations of a kind of stream, a simple-vector of functions.  Each takes the stream first.  A kind's table is filled by a
;;; form for each operation, so that a program has those that it calls.

(defmacro %define-operation-readers (&rest names)
  "Defines for each of NAMES a macro that reads that operation from a table, or gives its :INDEX."
  (let ((index -1))
    `(progn
       ,@(mapcar (lambda (name)
                   (setq index (+ index 1))
                   `(defmacro ,name (operations)
                      (if (eq operations :index)
                          ,index
                          (list 'progn
                                '(%mention ',name)
                                (list '%array-ref 'simple-vector operations ,index)))))
                 names)
       (defglobal *operation-count* ,(+ index 1)))))

(%define-operation-readers
 ;; Input.  READ-CHAR and PEEK-CHAR give a character, READ-BYTE an integer; NIL means end of file.  READ-LINE gives a line
 ;; or NIL, and whether the newline is missing.
 %op-read-char %op-peek-char %op-unread-char %op-read-line %op-listen %op-clear-input %op-read-byte
 ;; Output.  COLUMN gives the columns written since the newline, or NIL.
 %op-write-char %op-write-string %op-write-byte %op-column %op-fresh-line %op-finish-output %op-clear-output
 ;; Both.
 %op-close %op-input-p %op-output-p %op-interactive-p %op-element-type %op-external-format %op-position %op-set-position
 %op-length %op-string-length)

(defmacro %operation (name operations)
  "The operation NAME of a table, where it is not called."
  `(%array-ref simple-vector ,operations (,name :index)))

(defun %set-operation (name table index function)
  "Makes FUNCTION the operation NAME, at INDEX, of the table that is the value of the variable TABLE."
  (declare (ignore name))
  (%array-set simple-vector (%get symbol value table) index function))

(defun %copy-operations (operations)
  (let ((copy (%array-new simple-vector *operation-count* nil)))
    (%array-copy simple-vector copy 0 simple-vector operations 0 *operation-count*)
    copy))

(defmacro %define-operations (table base &rest operations)
  "Defines the variable TABLE: a table with those of the table BASE, or none if it is NIL, and with OPERATIONS, names and
functions alternating."
  (let ((forms '()))
    (do ((rest operations (cddr rest)))
        ((null rest))
      (push `(%set-operation ',(car rest) ',table (,(car rest) :index) ,(cadr rest)) forms))
    `(progn
       (defglobal ,table ,(if base `(%copy-operations ,base) '(%array-new simple-vector *operation-count* nil)))
       ,@(nreverse forms))))

(defun %refuse-input (stream &rest arguments)
  (declare (ignore arguments))
  (%error 'stream-direction-error :stream stream :datum stream :expected-type '(satisfies input-stream-p)))

(defun %refuse-output (stream &rest arguments)
  (declare (ignore arguments))
  (%error 'stream-direction-error :stream stream :datum stream :expected-type '(satisfies output-stream-p)))

(defun %refuse-binary-input (stream)
  (%error 'stream-direction-error :stream stream :datum stream :expected-type '(satisfies binary-input-stream-p)))

(defun %refuse-binary-output (stream integer)
  (declare (ignore integer))
  (%error 'stream-direction-error :stream stream :datum stream :expected-type '(satisfies binary-output-stream-p)))

(defun %refuse-file-operation (stream &rest arguments)
  (declare (ignore arguments))
  (%error 'stream-direction-error :stream stream :datum stream :expected-type 'file-stream))

(defun %no-operation (stream &rest arguments)
  (declare (ignore stream arguments))
  nil)

;; Those of a stream that supports nothing.
(%define-operations *default-operations* nil
  %op-read-char #'%refuse-input
  %op-peek-char (lambda (stream) (%default-peek-char stream))
  %op-unread-char #'%refuse-input
  %op-read-line (lambda (stream) (%default-read-line stream))
  %op-listen #'%refuse-input
  %op-clear-input #'%refuse-input
  %op-read-byte #'%refuse-binary-input
  %op-write-char #'%refuse-output
  %op-write-string #'%refuse-output
  %op-write-byte #'%refuse-binary-output
  %op-column #'%no-operation
  %op-fresh-line (lambda (stream) (%default-fresh-line stream))
  %op-finish-output #'%refuse-output
  %op-clear-output #'%refuse-output
  %op-close #'%no-operation
  %op-input-p #'%no-operation
  %op-output-p #'%no-operation
  %op-interactive-p #'%no-operation
  %op-element-type (lambda (stream) (%stream-element-type stream))
  %op-external-format (lambda (stream) (declare (ignore stream)) :default)
  %op-position #'%no-operation
  %op-set-position #'%no-operation
  %op-length #'%refuse-file-operation
  %op-string-length #'%refuse-file-operation)

(defun %refuse-closed (stream &rest arguments)
  (declare (ignore arguments))
  (%error 'closed-stream-error :stream stream))

(defglobal *closed-operations* (%array-new simple-vector *operation-count* #'%refuse-closed))

;;; The base structure.  The macro also defines, for each slot, an unchecked reader with SETF for streams
;;; already known to be streams; slot indices follow the layout of instances (class, hash, slots).

(defun %print-stream (stream output depth)
  (declare (ignore depth))
  (print-unreadable-object (stream output :type t :identity t)
    (when (file-stream-p stream)
      (prin1 (namestring (%fd-pathname stream)) output))
    (unless (open-stream-p stream)
      (write-string " (closed)" output))))

(defmacro %define-stream-base (&rest slots)
  (let ((index 1)
        (accessors '()))
    (dolist (slot slots)
      (let ((reader (second slot)) (writer (third slot)))
        (setq index (+ index 1))
        (push (list 'defmacro reader '(stream)
                    (list 'list ''%array-ref ''instance 'stream index))
              accessors)
        (push (list 'defmacro writer '(stream value)
                    (list 'list ''%array-set ''instance 'stream index 'value))
              accessors)
        (push (list 'defsetf reader writer) accessors)))
    (cons 'progn
          (cons (list* 'defstruct
                       '(stream (:constructor nil) (:copier nil) (:predicate streamp) (:conc-name %stream-)
                         (:print-function %print-stream))
                       (mapcar (lambda (slot) (list (first slot) (fourth slot))) slots))
                (nreverse accessors)))))

(%define-stream-base
  (operations   %operations   %set-operations   nil)
  (element-type %element-type %set-element-type 'character)
  (in-buffer    %in-buffer    %set-in-buffer    "")   ; simple string
  (in-index     %in-index     %set-in-index     0)
  (in-limit     %in-limit     %set-in-limit     0)
  (out-buffer   %out-buffer   %set-out-buffer   "")   ; simple string
  (out-index    %out-index    %set-out-index    0)
  (out-limit    %out-limit    %set-out-limit    0)
  (out-column   %out-column   %set-out-column   0))   ; the column at index 0 of the output window

(defstruct (fd-stream (:include stream) (:constructor nil) (:copier nil) (:conc-name %fd-)
                      (:print-function %print-stream))
  (descriptor 0)
  (input-p nil)
  (output-p nil)
  (interactive-p nil)
  (buffering :full)         ; :full, :line or :none
  (encoding :utf-8)         ; :utf-8 or :latin-1
  (replacement nil)         ; the character standing for what cannot be decoded or encoded, or NIL: an error
  (external-format :default)
  (octets nil)              ; input octets: a u8-vector; those of the input window end at OCTET-INDEX
  (octet-index 0)
  (octet-limit 0)
  (octets-read 0)           ; by the host so far
  (replaced nil)            ; how many invalid octets the one character of the input window stands for, or NIL
  (out-octets nil)          ; binary output not yet handed over
  (out-octet-index 0)
  (byte-octets 1)           ; octets an element of a binary stream
  (byte-bits 8)
  (byte-signed-p nil)
  (seekable-p nil))

;;; Kinds that share a CONC-NAME share the accessors of the slots they inherit.

(defstruct (file-stream (:include fd-stream) (:constructor %make-file-stream) (:copier nil) (:conc-name %fd-)
                        (:print-function %print-stream))
  (pathname nil)            ; as given to OPEN, merged
  (temporary nil)           ; namestring of the file that replaces TARGET at close, or NIL
  (target nil)              ; namestring of the file
  (created-p nil))          ; whether OPEN made the file, so that an aborting close removes it

(defstruct (terminal-stream (:include fd-stream) (:constructor %make-terminal-stream) (:copier nil)
                            (:conc-name %fd-) (:print-function %print-stream)))

(defstruct (string-stream (:include stream) (:constructor nil) (:copier nil) (:conc-name %stream-)
                          (:print-function %print-stream)))

(defstruct (string-input-stream (:include string-stream) (:constructor %make-string-input-stream) (:copier nil)
                                (:conc-name %stream-) (:print-function %print-stream))
  (start 0))                ; where the input began in the window

(defstruct (string-output-stream (:include string-stream) (:constructor %make-string-output-stream) (:copier nil)
                                 (:conc-name %stream-) (:print-function %print-stream)))

(defstruct (fill-pointer-output-stream (:include string-stream) (:constructor %make-fill-pointer-output-stream)
                                       (:copier nil) (:conc-name %stream-) (:print-function %print-stream))
  (string nil))

(defstruct (synonym-stream (:include stream) (:constructor %make-synonym-stream) (:copier nil)
                           (:conc-name %stream-) (:print-function %print-stream))
  (symbol nil))

(defstruct (broadcast-stream (:include stream) (:constructor %make-broadcast-stream) (:copier nil)
                             (:conc-name %stream-) (:print-function %print-stream))
  (components '()))

(defstruct (concatenated-stream (:include stream) (:constructor %make-concatenated-stream) (:copier nil)
                                (:conc-name %stream-) (:print-function %print-stream))
  (remaining '()))          ; the components not yet read to their end

(defstruct (two-way-stream (:include stream) (:constructor %make-two-way-stream) (:copier nil)
                           (:conc-name %stream-) (:print-function %print-stream))
  (input nil)
  (output nil))

(defstruct (echo-stream (:include stream) (:constructor %make-echo-stream) (:copier nil)
                        (:conc-name %stream-) (:print-function %print-stream))
  (source nil)
  (echo nil)
  (unread-p nil))           ; whether the next character was unread, so that it is not echoed again

(defglobal *string-output-stream-class* (find-class 'string-output-stream))
(defglobal *string-input-stream-class* (find-class 'string-input-stream))
(defglobal *file-stream-class* (find-class 'file-stream))
(defglobal *terminal-stream-class* (find-class 'terminal-stream))

(defmacro %output-window-p (x)
  "Whether the variable X holds a stream of a kind that keeps an output window open: a test of a few instructions."
  `(and (%is instance ,x)
        (let ((class (%array-ref instance ,x 0)))
          (or (eq class *string-output-stream-class*)
              (eq class *file-stream-class*)
              (eq class *terminal-stream-class*)))))

(defmacro %input-window-p (x)
  "Whether the variable X holds a stream of a kind that keeps an input window open."
  `(and (%is instance ,x)
        (let ((class (%array-ref instance ,x 0)))
          (or (eq class *string-input-stream-class*)
              (eq class *file-stream-class*)
              (eq class *terminal-stream-class*)))))

(defmacro %call-operation (reader stream &rest arguments)
  "Calls the operation that READER selects of the variable STREAM."
  `(funcall (,reader (%operations ,stream)) ,stream ,@arguments))

;;; Designators (CLHS 21.1.4, Glossary "stream designator")

;;; Their streams come in standard-streams.lisp.
(defvar *standard-input*)
(defvar *standard-output*)
(defvar *error-output*)
(defvar *trace-output*)
(defvar *query-io*)
(defvar *debug-io*)
(defvar *terminal-io*)

;; A program that doesn't mention *TERMINAL-IO* can't have changed it, and does with the two streams that it stands for.
(defglobal *%terminal* nil)             ; a function that gives the value of *TERMINAL-IO*, where that is mentioned
(defvar *stdin*)
(defvar *stdout*)

(defun %use-terminal (variable)
  (declare (ignore variable))
  (setq *%terminal* (lambda () *terminal-io*)))

(defun %check-stream (object)
  (if (streamp object) object (%type-error object 'stream)))

(defun %input-stream (designator)
  (cond ((streamp designator) designator)
        ((null designator) (%check-stream *standard-input*))
        ((eq designator t) (if *%terminal* (%check-stream (funcall *%terminal*)) *stdin*))
        (t (%type-error designator '(or stream (member nil t))))))

(defun %output-stream (designator)
  (cond ((streamp designator) designator)
        ((null designator) (%check-stream *standard-output*))
        ((eq designator t) (if *%terminal* (%check-stream (funcall *%terminal*)) *stdout*))
        (t (%type-error designator '(or stream (member nil t))))))

(defun %string-window (string)
  "The simple string that holds STRING's characters, and the index of the first in it."
  (cond ((%is string string) (values string 0))
        ((stringp string) (values (%get array data string) (%get array offset string)))
        (t (%type-error string 'string))))

(defun %sequence-end (start end length)
  "END, or LENGTH when it is NIL, checked together with START."
  (unless (and (%fixnump start) (<= 0 start length))
    (%type-error start `(integer 0 ,length)))
  (cond ((null end) length)
        ((and (%fixnump end) (<= start end length)) end)
        (t (%type-error end `(or null (integer ,start ,length))))))

(defun %end-of-file (stream eof-error-p eof-value)
  (if eof-error-p (%error 'end-of-file :stream stream) eof-value))
