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

;;; Operations of a kind of stream.  Each takes the stream first.  The defaults are those of a stream that
;;; supports nothing; %INPUT-DEFAULTS and the kinds' own files fill in the rest.

(defun %refuse-input (stream)
  (error 'stream-direction-error :stream stream :datum stream :expected-type '(satisfies input-stream-p)))

(defun %refuse-output (stream)
  (error 'stream-direction-error :stream stream :datum stream :expected-type '(satisfies output-stream-p)))

(defun %refuse-binary-input (stream)
  (error 'stream-direction-error :stream stream :datum stream :expected-type '(satisfies binary-input-stream-p)))

(defun %refuse-binary-output (stream)
  (error 'stream-direction-error :stream stream :datum stream :expected-type '(satisfies binary-output-stream-p)))

(defun %refuse-file-operation (stream)
  (error 'stream-direction-error :stream stream :datum stream :expected-type 'file-stream))

(defstruct (stream-operations (:conc-name %op-) (:constructor %make-operations) (:copier %copy-operations))
  ;; Input.  READ-CHAR and PEEK-CHAR give a character, READ-BYTE an integer; NIL means end of file.
  (read-char (lambda (stream) (%refuse-input stream)))
  (peek-char (lambda (stream) (%default-peek-char stream)))
  (unread-char (lambda (stream character) (declare (ignore character)) (%refuse-input stream)))
  (read-line (lambda (stream) (%default-read-line stream)))       ; line or NIL, and whether the newline is missing
  (listen (lambda (stream) (%refuse-input stream)))
  (clear-input (lambda (stream) (%refuse-input stream)))
  (read-byte (lambda (stream) (%refuse-binary-input stream)))
  ;; Output.
  (write-char (lambda (stream character) (declare (ignore character)) (%refuse-output stream)))
  (write-string (lambda (stream data start end) (declare (ignore data start end)) (%refuse-output stream)))
  (write-byte (lambda (stream integer) (declare (ignore integer)) (%refuse-binary-output stream)))
  (column (lambda (stream) (declare (ignore stream)) nil))                           ; columns written since the newline, or NIL
  (fresh-line (lambda (stream) (%default-fresh-line stream)))
  (finish-output (lambda (stream) (%refuse-output stream)))
  (clear-output (lambda (stream) (%refuse-output stream)))
  ;; Both.
  (close (lambda (stream abort) (declare (ignore stream abort)) nil))
  (input-p (lambda (stream) (declare (ignore stream)) nil))
  (output-p (lambda (stream) (declare (ignore stream)) nil))
  (interactive-p (lambda (stream) (declare (ignore stream)) nil))
  (element-type (lambda (stream) (%stream-element-type stream)))
  (external-format (lambda (stream) (declare (ignore stream)) :default))
  (position (lambda (stream) (declare (ignore stream)) nil))
  (set-position (lambda (stream position) (declare (ignore stream position)) nil))
  (length (lambda (stream) (%refuse-file-operation stream)))
  (string-length (lambda (stream data start end)
                   (declare (ignore data start end))
                   (%refuse-file-operation stream))))

(defun %refuse-closed (stream &rest arguments)
  (declare (ignore arguments))
  (error 'closed-stream-error :stream stream))

(defglobal *closed-operations*
  (let ((refuse #'%refuse-closed))
    (%make-operations
     :read-char refuse :peek-char refuse :unread-char refuse :read-line refuse :listen refuse
     :clear-input refuse :read-byte refuse :write-char refuse :write-string refuse :write-byte refuse
     :column refuse :fresh-line refuse :finish-output refuse :clear-output refuse
     :position refuse :set-position refuse :length refuse :string-length refuse)))

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

(declaim (special *standard-input* *standard-output* *error-output* *trace-output*
                  *query-io* *debug-io* *terminal-io*))

(defun %check-stream (object)
  (if (streamp object) object (%type-error object 'stream)))

(defun %input-stream (designator)
  (cond ((streamp designator) designator)
        ((null designator) (%check-stream *standard-input*))
        ((eq designator t) (%check-stream *terminal-io*))
        (t (%type-error designator '(or stream (member nil t))))))

(defun %output-stream (designator)
  (cond ((streamp designator) designator)
        ((null designator) (%check-stream *standard-output*))
        ((eq designator t) (%check-stream *terminal-io*))
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
  (if eof-error-p (error 'end-of-file :stream stream) eof-value))
