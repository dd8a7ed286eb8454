;;;; String streams (CLHS MAKE-STRING-INPUT-STREAM … WITH-OUTPUT-TO-STRING).

(in-package :clysm)

(defun %accept-input (stream)
  (declare (ignore stream))
  t)

(defun %accept-output (stream)
  (declare (ignore stream))
  t)

;;; Input: the window is the string itself.

(defun %string-input-read-line (stream)
  (let ((limit (%in-limit stream)))
    (if (>= (%in-index stream) limit)
        (values nil t)
        (let* ((end (%window-newline stream))
               (line (%window-take stream end)))
          (cond ((< end limit)
                 (%set-in-index stream (+ end 1))
                 (values line nil))
                (t (values line t)))))))

(defun %string-input-position (stream)
  (- (%in-index stream) (%stream-start stream)))

(defun %string-input-set-position (stream position)
  (let* ((start (%stream-start stream))
         (index (case position
                  (:start start)
                  (:end (%in-limit stream))
                  (t (+ start position)))))
    (and (<= index (%in-limit stream))
         (progn (%set-in-index stream index) t))))

(defun %string-input-unread (stream character)
  (when (<= (%in-index stream) (%stream-start stream))
    (%error "Nothing was read from ~S." stream))
  (%window-unread stream character))

(%define-operations *string-input-operations* *default-operations*
  %op-read-char (lambda (stream) (declare (ignore stream)) nil)
  %op-peek-char (lambda (stream) (declare (ignore stream)) nil)
  %op-unread-char #'%string-input-unread
  %op-read-line #'%string-input-read-line
  %op-listen (lambda (stream) (if (< (%in-index stream) (%in-limit stream)) t :eof))
  %op-clear-input (lambda (stream) (declare (ignore stream)) nil)
  %op-input-p #'%accept-input
  %op-position #'%string-input-position
  %op-set-position #'%string-input-set-position)

(defun make-string-input-stream (string &optional (start 0) end)
  (unless (stringp string) (%type-error string 'string))
  (let ((end (%sequence-end start end (length string))))
    (multiple-value-bind (data offset) (%string-window string)
      (%make-string-input-stream
       :operations *string-input-operations*
       :in-buffer data
       :in-index (+ offset start)
       :in-limit (+ offset end)
       ;; Indices, as WITH-INPUT-FROM-STRING stores them, count from the head of STRING.
       :start (+ offset start)))))

(defun %string-input-index (stream string)
  "The index in STRING of the next character of STREAM, which reads it."
  (multiple-value-bind (data offset) (%string-window string)
    (declare (ignore data))
    (- (%in-index stream) offset)))

(defmacro with-input-from-string ((variable string &key index (start 0) end) &body body)
  (multiple-value-bind (forms declarations) (%parse-body body nil)
    (let ((source (gensym "STRING")))
      `(let* ((,source ,string)
              (,variable (make-string-input-stream ,source ,start ,end)))
         ,@declarations
         (unwind-protect
              ,(if index
                   `(multiple-value-prog1 (progn ,@forms)
                      (setf ,index (%string-input-index ,variable ,source)))
                   `(progn ,@forms))
           (close ,variable))))))

;;; Output: the window is a growing buffer.

(defun %string-output-room (stream count)
  "Makes the output window hold COUNT more characters."
  (let* ((index (%out-index stream))
         (needed (+ index count))
         (old (%out-buffer stream))
         (size (%array-length string old)))
    (when (> needed size)
      (let ((buffer (%array-new string (max needed (* 2 size) 64) 0)))
        (%array-copy string buffer 0 string old 0 index)
        (%set-out-buffer stream buffer)
        (%set-out-limit stream (%array-length string buffer))))))

(defun %string-output-write-char (stream character)
  (%string-output-room stream 1)
  (let ((index (%out-index stream)))
    (%array-set string (%out-buffer stream) index (%get character code character))
    (%set-out-index stream (+ index 1))))

(defun %string-output-write-string (stream data start end)
  (let ((count (- end start)))
    (%string-output-room stream count)
    (let ((index (%out-index stream)))
      (%array-copy string (%out-buffer stream) index string data start count)
      (%set-out-index stream (+ index count)))))

(defun %string-output-set-position (stream position)
  (case position
    (:start (%set-out-index stream 0) t)
    (:end t)
    (t (and (<= position (%out-index stream))
            (progn (%set-out-index stream position) t)))))

(%define-operations *string-output-operations* *default-operations*
  %op-write-char #'%string-output-write-char
  %op-write-string #'%string-output-write-string
  %op-column #'%window-column
  %op-finish-output (lambda (stream) (declare (ignore stream)) nil)
  %op-clear-output (lambda (stream) (declare (ignore stream)) nil)
  %op-output-p #'%accept-output
  %op-position (lambda (stream) (%out-index stream))
  %op-set-position #'%string-output-set-position)

(defun %check-character-element-type (element-type)
  (unless (subtypep element-type 'character)
    (%error "~S is not a subtype of CHARACTER." element-type)))

(defun make-string-output-stream (&key (element-type 'character))
  (unless (eq element-type 'character) (%check-character-element-type element-type))
  (%make-string-output-stream :operations *string-output-operations*))

(defun get-output-stream-string (stream)
  (unless (string-output-stream-p stream) (%type-error stream 'string-output-stream))
  (when (%closed-p stream) (%refuse-closed stream))
  (let ((string (%simple-substring (%out-buffer stream) 0 (%out-index stream))))
    (%set-out-index stream 0)
    string))

;;; Output to a string with a fill pointer

(defun %fill-pointer-write-char (stream character)
  (vector-push-extend character (%stream-string stream)))

(defun %fill-pointer-write-string (stream data start end)
  (let ((string (%stream-string stream)))
    (do ((i start (+ i 1)))
        ((>= i end))
      (vector-push-extend (code-char (%array-ref string data i)) string))))

(defun %fill-pointer-column (stream)
  (let* ((string (%stream-string stream))
         (newline (position #\Newline string :from-end t)))
    (if newline
        (- (length string) newline 1)
        (length string))))

(%define-operations *fill-pointer-output-operations* *default-operations*
  %op-write-char #'%fill-pointer-write-char
  %op-write-string #'%fill-pointer-write-string
  %op-column #'%fill-pointer-column
  %op-finish-output (lambda (stream) (declare (ignore stream)) nil)
  %op-clear-output (lambda (stream) (declare (ignore stream)) nil)
  %op-output-p #'%accept-output
  %op-position (lambda (stream) (length (%stream-string stream))))

(defun %make-fill-pointer-stream (string)
  (unless (and (stringp string) (array-has-fill-pointer-p string))
    (%type-error string '(and string (satisfies array-has-fill-pointer-p))))
  (%make-fill-pointer-output-stream :operations *fill-pointer-output-operations* :string string))

(defmacro with-output-to-string ((variable &optional string &key (element-type ''character)) &body body)
  (multiple-value-bind (forms declarations) (%parse-body body nil)
    (if string
        `(let ((,variable (prog1 (%make-fill-pointer-stream ,string) ,element-type)))
           ,@declarations
           (unwind-protect (progn nil ,@forms)
             (close ,variable)))
        `(let ((,variable (make-string-output-stream :element-type ,element-type)))
           ,@declarations
           (unwind-protect
                (progn ,@forms (get-output-stream-string ,variable))
             (close ,variable))))))
