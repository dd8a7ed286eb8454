;;;; Streams made of other streams (CLHS 21.1.2): synonym, broadcast, two-way, echo and concatenated streams.

(in-package :clysm)

(defmacro %forward (reader component &rest arguments)
  "Calls the operation that READER selects of the stream that the form COMPONENT gives."
  `(let ((target ,component))
     (%call-operation ,reader target ,@arguments)))

(defun %forward-read-char (target)
  (read-char target nil nil))

;;; Synonym streams

(defun %synonym-target (stream)
  (%check-stream (symbol-value (%stream-symbol stream))))

(%define-operations *synonym-operations* *default-operations*
  %op-read-char (lambda (s) (%forward-read-char (%synonym-target s)))
  %op-peek-char (lambda (s) (%peek (%synonym-target s)))
  %op-unread-char (lambda (s c) (unread-char c (%synonym-target s)))
  %op-read-line (lambda (s) (%forward %op-read-line (%synonym-target s)))
  %op-listen (lambda (s) (%forward %op-listen (%synonym-target s)))
  %op-clear-input (lambda (s) (%forward %op-clear-input (%synonym-target s)))
  %op-read-byte (lambda (s) (%forward %op-read-byte (%synonym-target s)))
  %op-write-char (lambda (s c) (write-char c (%synonym-target s)))
  %op-write-string (lambda (s data start end) (%forward %op-write-string (%synonym-target s) data start end))
  %op-write-byte (lambda (s integer) (%forward %op-write-byte (%synonym-target s) integer))
  %op-column (lambda (s) (%forward %op-column (%synonym-target s)))
  %op-fresh-line (lambda (s) (%forward %op-fresh-line (%synonym-target s)))
  %op-finish-output (lambda (s) (%forward %op-finish-output (%synonym-target s)))
  %op-clear-output (lambda (s) (%forward %op-clear-output (%synonym-target s)))
  %op-input-p (lambda (s) (%forward %op-input-p (%synonym-target s)))
  %op-output-p (lambda (s) (%forward %op-output-p (%synonym-target s)))
  %op-interactive-p (lambda (s) (%forward %op-interactive-p (%synonym-target s)))
  %op-element-type (lambda (s) (%forward %op-element-type (%synonym-target s)))
  %op-external-format (lambda (s) (%forward %op-external-format (%synonym-target s)))
  %op-position (lambda (s) (%forward %op-position (%synonym-target s)))
  %op-set-position (lambda (s position) (%forward %op-set-position (%synonym-target s) position))
  %op-length (lambda (s) (%forward %op-length (%synonym-target s)))
  %op-string-length (lambda (s data start end) (%forward %op-string-length (%synonym-target s) data start end)))

(defun make-synonym-stream (symbol)
  (unless (symbolp symbol) (%type-error symbol 'symbol))
  (%make-synonym-stream :operations *synonym-operations* :symbol symbol))

(defun synonym-stream-symbol (synonym-stream)
  (%stream-symbol synonym-stream))

;;; Broadcast streams.  What asks for one answer asks the last component.

(defmacro %broadcast (stream (component) &body body)
  `(dolist (,component (%stream-components ,stream)) ,@body))

(defun %broadcast-last (stream)
  (car (last (%stream-components stream))))

(defmacro %of-last (reader stream default &rest arguments)
  `(let ((last (%broadcast-last ,stream)))
     (if last (%call-operation ,reader last ,@arguments) ,default)))

(%define-operations *broadcast-operations* *default-operations*
  %op-write-char (lambda (s c) (%broadcast s (each) (write-char c each)))
  %op-write-string (lambda (s data start end) (%broadcast s (each) (%call-operation %op-write-string each data start end)))
  %op-write-byte (lambda (s integer) (%broadcast s (each) (%call-operation %op-write-byte each integer)))
  %op-column (lambda (s) (%of-last %op-column s nil))
  %op-fresh-line (lambda (s)
                 (let ((result nil))
                   (%broadcast s (each) (setq result (%call-operation %op-fresh-line each)))
                   result))
  %op-finish-output (lambda (s) (%broadcast s (each) (%call-operation %op-finish-output each)))
  %op-clear-output (lambda (s) (%broadcast s (each) (%call-operation %op-clear-output each)))
  %op-output-p #'%accept-output
  %op-element-type (lambda (s) (%of-last %op-element-type s t))
  %op-external-format (lambda (s) (%of-last %op-external-format s :default))
  %op-position (lambda (s) (%of-last %op-position s 0))
  %op-set-position (lambda (s position)
                   (let ((result t))
                     (%broadcast s (each) (setq result (%call-operation %op-set-position each position)))
                     result))
  %op-length (lambda (s) (%of-last %op-length s 0))
  %op-string-length (lambda (s data start end) (%of-last %op-string-length s 1 data start end)))

(defun %check-output-stream (stream)
  (unless (and (streamp stream) (output-stream-p stream))
    (%type-error stream '(and stream (satisfies output-stream-p)))))

(defun %check-input-stream (stream)
  (unless (and (streamp stream) (input-stream-p stream))
    (%type-error stream '(and stream (satisfies input-stream-p)))))

(defun make-broadcast-stream (&rest streams)
  (dolist (stream streams) (%check-output-stream stream))
  (%make-broadcast-stream :operations *broadcast-operations* :components (copy-list streams)))

(defun broadcast-stream-streams (broadcast-stream)
  (copy-list (%stream-components broadcast-stream)))

;;; What two-way and echo streams share

(defun %joint-element-type (input output)
  (let ((in (stream-element-type input)) (out (stream-element-type output)))
    (if (equal in out) in `(and ,in ,out))))

;;; Two-way streams

(%define-operations *two-way-operations* *default-operations*
  %op-read-char (lambda (s) (%forward-read-char (%stream-input s)))
  %op-peek-char (lambda (s) (%peek (%stream-input s)))
  %op-unread-char (lambda (s c) (unread-char c (%stream-input s)))
  %op-read-line (lambda (s) (%forward %op-read-line (%stream-input s)))
  %op-listen (lambda (s) (%forward %op-listen (%stream-input s)))
  %op-clear-input (lambda (s) (%forward %op-clear-input (%stream-input s)))
  %op-read-byte (lambda (s) (%forward %op-read-byte (%stream-input s)))
  %op-write-char (lambda (s c) (write-char c (%stream-output s)))
  %op-write-string (lambda (s data start end)
                   (%forward %op-write-string (%stream-output s) data start end))
  %op-write-byte (lambda (s integer) (%forward %op-write-byte (%stream-output s) integer))
  %op-column (lambda (s) (%forward %op-column (%stream-output s)))
  %op-fresh-line (lambda (s) (%forward %op-fresh-line (%stream-output s)))
  %op-finish-output (lambda (s) (%forward %op-finish-output (%stream-output s)))
  %op-clear-output (lambda (s) (%forward %op-clear-output (%stream-output s)))
  %op-input-p #'%accept-input
  %op-output-p #'%accept-output
  %op-interactive-p (lambda (s) (%forward %op-interactive-p (%stream-input s)))
  %op-element-type (lambda (s)
                   (%joint-element-type (%stream-input s) (%stream-output s)))
  %op-external-format (lambda (s) (%forward %op-external-format (%stream-output s))))

(defun make-two-way-stream (input-stream output-stream)
  (%check-input-stream input-stream)
  (%check-output-stream output-stream)
  (%make-two-way-stream :operations *two-way-operations*
                        :input input-stream :output output-stream))

(defun two-way-stream-input-stream (two-way-stream)
  (%stream-input two-way-stream))

(defun two-way-stream-output-stream (two-way-stream)
  (%stream-output two-way-stream))

;;; Echo streams.  What was unread has been echoed once and is not echoed again.

(defun %echo-read-char (stream)
  (let ((character (read-char (%stream-source stream) nil nil)))
    (cond ((%stream-unread-p stream)
           (setf (%stream-unread-p stream) nil))
          (character
           (write-char character (%stream-echo stream))))
    character))

(defun %echo-unread-char (stream character)
  (unread-char character (%stream-source stream))
  (setf (%stream-unread-p stream) t))

(defun %echo-read-byte (stream)
  (let ((byte (read-byte (%stream-source stream) nil nil)))
    (when byte (write-byte byte (%stream-echo stream)))
    byte))

(%define-operations *echo-operations* *default-operations*
  %op-read-char #'%echo-read-char
  %op-peek-char (lambda (s) (%peek (%stream-source s)))
  %op-unread-char #'%echo-unread-char
  %op-listen (lambda (s) (%forward %op-listen (%stream-source s)))
  %op-clear-input (lambda (s) (%forward %op-clear-input (%stream-source s)))
  %op-read-byte #'%echo-read-byte
  %op-write-char (lambda (s c) (write-char c (%stream-echo s)))
  %op-write-string (lambda (s data start end)
                   (%forward %op-write-string (%stream-echo s) data start end))
  %op-write-byte (lambda (s integer) (%forward %op-write-byte (%stream-echo s) integer))
  %op-column (lambda (s) (%forward %op-column (%stream-echo s)))
  %op-fresh-line (lambda (s) (%forward %op-fresh-line (%stream-echo s)))
  %op-finish-output (lambda (s) (%forward %op-finish-output (%stream-echo s)))
  %op-clear-output (lambda (s) (%forward %op-clear-output (%stream-echo s)))
  %op-input-p #'%accept-input
  %op-output-p #'%accept-output
  %op-interactive-p (lambda (s) (%forward %op-interactive-p (%stream-source s)))
  %op-element-type (lambda (s)
                   (%joint-element-type (%stream-source s) (%stream-echo s)))
  %op-external-format (lambda (s) (%forward %op-external-format (%stream-echo s))))

(defun make-echo-stream (input-stream output-stream)
  (%check-input-stream input-stream)
  (%check-output-stream output-stream)
  (%make-echo-stream :operations *echo-operations*
                     :source input-stream :echo output-stream))

(defun echo-stream-input-stream (echo-stream)
  (%stream-source echo-stream))

(defun echo-stream-output-stream (echo-stream)
  (%stream-echo echo-stream))

;;; Concatenated streams

(defun %next-of-components (stream reader)
  "What READER gives of the first component that is not at its end; components at their end are dropped."
  (loop
    (let ((components (%stream-remaining stream)))
      (when (null components) (return nil))
      (let ((element (funcall reader (car components))))
        (when element (return element)))
      (setf (%stream-remaining stream) (cdr components)))))

(defun %concatenated-unread-char (stream character)
  (let ((components (%stream-remaining stream)))
    (when (null components)
      (%error "Nothing can be unread: ~S is at its end." stream))
    (unread-char character (car components))))

(defun %concatenated-listen (stream)
  (loop
    (let ((components (%stream-remaining stream)))
      (when (null components) (return :eof))
      (let ((answer (%forward %op-listen (car components))))
        (unless (eq answer :eof) (return answer)))
      (setf (%stream-remaining stream) (cdr components)))))

(defmacro %of-first (reader stream default)
  `(let ((components (%stream-remaining ,stream)))
     (if components (%forward ,reader (car components)) ,default)))

(%define-operations *concatenated-operations* *default-operations*
  %op-read-char (lambda (s) (%next-of-components s #'%forward-read-char))
  %op-peek-char (lambda (s) (%next-of-components s #'%peek))
  %op-unread-char #'%concatenated-unread-char
  %op-listen #'%concatenated-listen
  %op-clear-input (lambda (s) (%of-first %op-clear-input s nil))
  %op-read-byte (lambda (s) (%next-of-components s (lambda (component) (%call-operation %op-read-byte component))))
  %op-input-p #'%accept-input
  %op-interactive-p (lambda (s) (%of-first %op-interactive-p s nil))
  %op-element-type (lambda (s) (%of-first %op-element-type s t))
  %op-external-format (lambda (s) (%of-first %op-external-format s :default)))

(defun make-concatenated-stream (&rest input-streams)
  (dolist (stream input-streams) (%check-input-stream stream))
  (%make-concatenated-stream :operations *concatenated-operations* :remaining (copy-list input-streams)))

(defun concatenated-stream-streams (concatenated-stream)
  (copy-list (%stream-remaining concatenated-stream)))
