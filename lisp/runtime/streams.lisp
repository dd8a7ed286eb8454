;;;; The functions of streams (CLHS 21.2), for every kind of stream.

(in-package :clysm)

;;; Character input

(defun read-char (&optional stream (eof-error-p t) eof-value recursive-p)
  (declare (ignore recursive-p))
  (let ((s (if (%input-window-p stream) stream (%input-stream stream))))
    (let ((i (%i32 (%in-index s))))
      (if (%i32.lt_s i (%i32 (%in-limit s)))
          (progn
            (%set-in-index s (%fixnum (%i32.add i (%i32 1))))
            (code-char (%array-ref string (%in-buffer s) i)))
          (or (%call-operation %op-read-char s)
              (%end-of-file s eof-error-p eof-value))))))

(defun unread-char (character &optional stream)
  (unless (characterp character) (%type-error character 'character))
  (let ((s (%input-stream stream)))
    (%call-operation %op-unread-char s character)
    nil))

(defun %peek (stream)
  "The next character of STREAM, left there, or NIL at the end."
  (let ((i (%i32 (%in-index stream))))
    (if (%i32.lt_s i (%i32 (%in-limit stream)))
        (code-char (%array-ref string (%in-buffer stream) i))
        (%call-operation %op-peek-char stream))))

(defun %default-peek-char (stream)
  (let ((character (%call-operation %op-read-char stream)))
    (when character
      (%call-operation %op-unread-char stream character))
    character))

(defun peek-char (&optional peek-type stream (eof-error-p t) eof-value recursive-p)
  (declare (ignore recursive-p))
  (let ((s (%input-stream stream)))
    (unless (or (null peek-type) (eq peek-type t) (characterp peek-type))
      (%type-error peek-type '(or character (member nil t))))
    (loop
      (let ((character (%peek s)))
        (cond ((null character) (return (%end-of-file s eof-error-p eof-value)))
              ((null peek-type) (return character))
              ((eq peek-type t)
               (unless (%whitespace-character-p character) (return character)))
              ((char= character peek-type) (return character)))
        (read-char s)))))

(defun %whitespace-character-p (character)
  "Whether the current readtable takes CHARACTER for whitespace."
  (eq (%syntax *readtable* character) :whitespace))

(defun read-char-no-hang (&optional stream (eof-error-p t) eof-value recursive-p)
  (declare (ignore recursive-p))
  (let ((s (%input-stream stream)))
    (case (%call-operation %op-listen s)
      ((nil) nil)
      ((:eof) (%end-of-file s eof-error-p eof-value))
      (t (read-char s eof-error-p eof-value)))))

(defun listen (&optional stream)
  (let ((s (%input-stream stream)))
    (eq (%call-operation %op-listen s) t)))

(defun clear-input (&optional stream)
  (let ((s (%input-stream stream)))
    (%call-operation %op-clear-input s)
    nil))

(defun %default-read-line (stream)
  "A line read character by character: the string, or NIL at the end of file, and whether it lacks its newline."
  (let ((line (make-string-output-stream))
        (some nil))
    (loop
      (let ((character (%call-operation %op-read-char stream)))
        (cond ((null character)
               (return (values (if some (get-output-stream-string line) nil) t)))
              ((char= character #\Newline)
               (return (values (get-output-stream-string line) nil)))
              (t (setq some t)
                 (write-char character line)))))))

(defun read-line (&optional stream (eof-error-p t) eof-value recursive-p)
  (declare (ignore recursive-p))
  (let ((s (%input-stream stream)))
    (multiple-value-bind (line missing-newline-p) (%call-operation %op-read-line s)
      (if line
          (values line missing-newline-p)
          (values (%end-of-file s eof-error-p eof-value) t)))))

;;; Character output

(defun write-char (character &optional stream)
  (let ((s (if (%output-window-p stream) stream (%output-stream stream))))
    (unless (characterp character) (%type-error character 'character))
    (let ((i (%i32 (%out-index s))))
      (if (%i32.lt_s i (%i32 (%out-limit s)))
          (progn
            (%array-set string (%out-buffer s) i (%get character code character))
            (%set-out-index s (%fixnum (%i32.add i (%i32 1)))))
          (%call-operation %op-write-char s character))
      character)))

(defun %write-string (string stream start end)
  (unless (stringp string) (%type-error string 'string))
  (let ((end (%sequence-end start end (length string))))
    (multiple-value-bind (data offset) (%string-window string)
      (%call-operation %op-write-string stream data (+ offset start) (+ offset end)))
    string))

(defun write-string (string &optional stream &key (start 0) end)
  (%write-string string (%output-stream stream) start end))

(defun write-line (string &optional stream &key (start 0) end)
  (let ((s (%output-stream stream)))
    (%write-string string s start end)
    (write-char #\Newline s)
    string))

(defun terpri (&optional stream)
  (write-char #\Newline (%output-stream stream))
  nil)

(defun %default-fresh-line (stream)
  (if (eql (%call-operation %op-column stream) 0)
      nil
      (progn (write-char #\Newline stream) t)))

(defun fresh-line (&optional stream)
  (let ((s (%output-stream stream)))
    (%call-operation %op-fresh-line s)))

(defun %stream-column (stream)
  "How many characters STREAM got since its last newline, or NIL when that is not known (for PRINT and FORMAT)."
  (%call-operation %op-column stream))

(defun %window-column (stream)
  "The column of a stream whose output window holds all that was written since its OUT-COLUMN."
  (let ((buffer (%out-buffer stream))
        (n (%i32 (%out-index stream))))
    (let ((i n))
      (loop
        (cond ((%i32.eqz i)
               (return (+ (%out-column stream) (%fixnum n))))
              ((%i32.eq (%array-ref string buffer (%i32.sub i (%i32 1))) (%i32 10))
               (return (%fixnum (%i32.sub n i)))))
        (setq i (%i32.sub i (%i32 1)))))))

(defun finish-output (&optional stream)
  (let ((s (%output-stream stream)))
    (%call-operation %op-finish-output s)
    nil))

(defun force-output (&optional stream)
  (finish-output stream))

(defun clear-output (&optional stream)
  (let ((s (%output-stream stream)))
    (%call-operation %op-clear-output s)
    nil))

;;; Binary input and output

(defun read-byte (stream &optional (eof-error-p t) eof-value)
  (%check-stream stream)
  (or (%call-operation %op-read-byte stream)
      (%end-of-file stream eof-error-p eof-value)))

(defun write-byte (integer stream)
  (%check-stream stream)
  (unless (integerp integer) (%type-error integer 'integer))
  (%call-operation %op-write-byte stream integer)
  integer)

;;; Sequences (CLHS READ-SEQUENCE, WRITE-SEQUENCE)

(defun %character-input-p (stream)
  (subtypep (stream-element-type stream) 'character))

(defun %read-into-list (list stream start end reader)
  (let ((tail (nthcdr start list))
        (index start))
    (loop
      (when (>= index end) (return index))
      (let ((element (funcall reader stream nil nil)))
        (unless element (return index))
        (rplaca tail element))
      (setq tail (cdr tail)
            index (+ index 1)))))

(defun %read-into-string (string stream start end)
  "Fills the characters START to END of STRING; copies whole windows where there are any."
  (multiple-value-bind (data offset) (%string-window string)
    (let ((index start))
      (loop
        (when (>= index end) (return index))
        (let ((available (- (%in-limit stream) (%in-index stream))))
          (if (> available 0)
              (let ((count (min available (- end index))))
                (%array-copy string data (+ offset index) string (%in-buffer stream) (%in-index stream) count)
                (%set-in-index stream (+ (%in-index stream) count))
                (setq index (+ index count)))
              (let ((character (read-char stream nil nil)))
                (unless character (return index))
                (%array-set string data (+ offset index) (%get character code character))
                (setq index (+ index 1)))))))))

(defun %read-into-vector (vector stream start end reader)
  (let ((index start))
    (loop
      (when (>= index end) (return index))
      (let ((element (funcall reader stream nil nil)))
        (unless element (return index))
        (setf (aref vector index) element))
      (setq index (+ index 1)))))

(defun %element-reader (stream)
  "READ-CHAR or READ-BYTE, as the element type of STREAM asks for."
  (if (%character-input-p stream) #'read-char #'read-byte))

(defun read-sequence (sequence stream &key (start 0) end)
  (%check-stream stream)
  (cond ((listp sequence)
         (%read-into-list sequence stream start (%sequence-end start end (length sequence)) (%element-reader stream)))
        ((stringp sequence)
         (%read-into-string sequence stream start (%sequence-end start end (length sequence))))
        ((vectorp sequence)
         (let ((end (%sequence-end start end (length sequence))))
           (if (and (%is u8-vector sequence) (%octet-stream-p stream))
               (%read-octets sequence stream start end)
               (%read-into-vector sequence stream start end
                             (if (%binary-vector-p sequence stream) #'read-byte (%element-reader stream))))))
        (t (%type-error sequence 'sequence))))

(defun %binary-vector-p (vector stream)
  "Whether the elements of VECTOR can only be integers and STREAM takes bytes as well as characters."
  (and (eq (stream-element-type stream) :default)
       (subtypep (array-element-type vector) 'integer)))

(defun %write-element (element stream)
  (if (characterp element) (write-char element stream) (write-byte element stream)))

(defun write-sequence (sequence stream &key (start 0) end)
  (%check-stream stream)
  (cond ((listp sequence)
         (let ((end (%sequence-end start end (length sequence)))
               (tail (nthcdr start sequence)))
           (dotimes (i (- end start))
             (%write-element (car tail) stream)
             (setq tail (cdr tail)))))
        ((stringp sequence)
         (%write-string sequence stream start end))
        ((vectorp sequence)
         (let ((end (%sequence-end start end (length sequence))))
           (if (and (%is u8-vector sequence) (%octet-stream-p stream))
               (%write-octets sequence stream start end)
               (do ((i start (+ i 1)))
                   ((>= i end))
                 (%write-element (aref sequence i) stream)))))
        (t (%type-error sequence 'sequence)))
  sequence)

;;; Properties

(defun input-stream-p (stream)
  (%check-stream stream)
  (%call-operation %op-input-p stream))

(defun output-stream-p (stream)
  (%check-stream stream)
  (%call-operation %op-output-p stream))

(defun interactive-stream-p (stream)
  (%check-stream stream)
  (%call-operation %op-interactive-p stream))

(defun open-stream-p (stream)
  (%check-stream stream)
  (not (%closed-p stream)))

(defun stream-element-type (stream)
  (%check-stream stream)
  (%call-operation %op-element-type stream))

(defun stream-external-format (stream)
  (%check-stream stream)
  (%call-operation %op-external-format stream))

(defun file-position (stream &optional (position nil position-p))
  (%check-stream stream)
  (if position-p
      (progn
        (unless (or (member position '(:start :end)) (and (integerp position) (>= position 0)))
          (%type-error position '(or (integer 0) (member :start :end))))
        (%call-operation %op-set-position stream position))
      (%call-operation %op-position stream)))

(defun file-length (stream)
  (unless (streamp stream) (%type-error stream 'file-stream))
  (%call-operation %op-length stream))

(defun file-string-length (stream object)
  (%check-stream stream)
  (let ((string (if (characterp object) (string object) object)))
    (unless (stringp string) (%type-error object '(or string character)))
    (multiple-value-bind (data offset) (%string-window string)
      (%call-operation %op-string-length stream data offset (+ offset (length string))))))

;;; Closing.  A closed stream keeps the operations that tell what it was; all others signal.

(defun %closed-p (stream)
  (let ((operations (%operations stream)))
    (eq (%operation %op-write-char operations) (%operation %op-write-char *closed-operations*))))

(defmacro %transfer-operations (target source &rest names)
  "Copies the operations NAMES of the table SOURCE to the table TARGET, both variables."
  `(progn
     ,@(mapcar (lambda (name)
                 `(%array-set simple-vector ,target (,name :index) (%operation ,name ,source)))
               names)))

(defun %closed-version (operations)
  "What OPERATIONS become when the stream is closed."
  (let ((closed (%copy-operations *closed-operations*)))
    (%transfer-operations closed operations
                          %op-input-p %op-output-p %op-interactive-p %op-element-type %op-external-format)
    closed))

(defun close (stream &key abort)
  (%check-stream stream)
  (if (%closed-p stream)
      nil
      (let ((operations (%operations stream)))
        (unwind-protect (%call-operation %op-close stream abort)
          (%set-operations stream (%closed-version operations))
          (%set-in-limit stream 0)
          (%set-in-index stream 0)
          (%set-out-limit stream 0))
        t)))

(defmacro with-open-stream ((variable stream) &body body)
  (let ((completed (gensym "COMPLETED")))
    (multiple-value-bind (forms declarations) (%parse-body body nil)
      `(let ((,variable ,stream) (,completed nil))
         ,@declarations
         (unwind-protect (multiple-value-prog1 (progn ,@forms) (setq ,completed t))
           (when ,variable (close ,variable :abort (not ,completed))))))))
