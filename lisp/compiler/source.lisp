;;;; Reading source texts: form by form, with the library's reader, the places of all conses noted.
;;;;
;;;; The readtable of a text is the standard one, but for the macro characters that make lists: those note where they are. Forms may
;;;; change it like any other readtable. After an error reading goes on at the next toplevel form: the next line that begins with
;;;; an opening parenthesis. That is looked for after the place of the error, or, when the text ended inside of the form, after the
;;;; form's first line, since the missing delimiter has swallowed whatever followed.

(in-package :clysm-compiler)

(defconstant +max-nesting+ 1000
  "Objects may be nested this deep; deeper ones are an error rather than an exhausted stack.")

(defconstant +max-left-open+ 32
  "After this many forms left open at the end of the text, what remains is skipped: each costs a pass over the rest.")

(defstruct (text-reader (:constructor %make-text-reader (text base stream)) (:copier nil))
  text
  base                                  ; the offset of its first character
  stream                                ; what is left of it
  (depth 0)                             ; lists around what is being read
  (error-start nil)                     ; where what can't be read begins, if it is known
  (left-open 0))                        ; forms so far that the text ended in

(defvar *text-reader* nil
  "The reader of the text whose form is being read.")

(defun make-text-reader (source)
  "A reader at the start of a text. A byte order mark and a first line that starts with #! are skipped."
  (let* ((text (source-text-text source))
         (start (if (and (> (length text) 0) (eql (char-code (char text 0)) #xfeff)) 1 0))
         (start (if (prefix-at-p "#!" text start) (line-end text start) start)))
    (%make-text-reader text (source-text-base source) (make-string-input-stream text start))))

(defun prefix-at-p (prefix text start)
  (let ((end (+ start (length prefix))))
    (and (<= end (length text)) (string= prefix text :start2 start :end2 end))))

(defun text-index (reader)
  "The index in the text of the next character."
  (clysm::%in-index (text-reader-stream reader)))

(defun set-text-index (reader index)
  (let ((text (text-reader-text reader)))
    (setf (text-reader-stream reader) (make-string-input-stream text (min index (length text))))))

;;; Lists, and the other macro characters that make them. A text's form may read from other streams, of which nothing is noted.

(defun text-stream-p (stream)
  (and *text-reader* (eq stream (text-reader-stream *text-reader*))))

(defun note-span (cons reader start end)
  (let ((base (text-reader-base reader)))
    (setf (span-of cons) (cons (+ base start) (+ base end)))
    cons))

(defun read-text-list (stream char)
  "The macro function of the open parenthesis."
  (declare (ignore char))
  (if (text-stream-p stream)
      (read-list-with-spans stream *text-reader*)
      (clysm::%read-elements stream #\) t)))

(defun read-list-with-spans (stream reader)
  "Reads elements up to the closing parenthesis. The first cons spans the whole list, each later one its element."
  (when (> (incf (text-reader-depth reader)) +max-nesting+)
    (clysm::%reader-error stream "objects are nested more than ~D levels deep" +max-nesting+))
  (let* ((start (- (text-index reader) 1))
         (head (list nil))
         (last head))
    (loop
      (let ((c (read-char stream nil nil)))
        (cond ((null c) (clysm::%read-eof stream))
              ((char= c #\)) (return))
              ((and (char= c #\.) (lone-dot-p stream))
               (unless (or *read-suppress* (cdr head))
                 (clysm::%reader-error stream "nothing appears before . in the list"))
               (setf (cdr last) (clysm::%read-tail stream #\)))
               (return))
              (t (let* ((start (- (text-index reader) 1))
                        (object (clysm::%read-after stream c)))
                   (unless (eq object clysm::*%read-nothing*)
                     (setq last (setf (cdr last) (list object)))
                     (note-span last reader start (text-index reader))))))))
    (decf (text-reader-depth reader))
    (when (consp (cdr head))
      (note-span (cdr head) reader start (text-index reader)))
    (cdr head)))

(defun lone-dot-p (stream)
  "Whether the dot just read is a token of its own."
  (and (eq (clysm::%syntax *readtable* #\.) :constituent)
       (clysm::%lone-dot-p stream)))

(defun read-text-prefix (stream symbol length)
  "Reads the object after a prefix of LENGTH characters and makes (SYMBOL OBJECT) of it."
  (if (text-stream-p stream)
      (let* ((reader *text-reader*)
             (start (text-index reader))
             (object (clysm::%read-object stream))
             (end (text-index reader)))
        (note-span (list* symbol (note-span (list object) reader start end)) reader (- start length) end))
      (list symbol (clysm::%read-object stream))))

(defun read-text-quote (stream char)
  (declare (ignore char))
  (read-text-prefix stream 'quote 1))

(defun read-text-function (stream char argument)
  (clysm::%no-argument stream char argument)
  (read-text-prefix stream 'function 2))

(defun read-text-backquote (stream char)
  "Notes the place of the form that makes an instance of a template."
  (if (text-stream-p stream)
      (let* ((reader *text-reader*)
             (start (- (text-index reader) 1))
             (form (clysm::%read-backquote stream char)))
        (when (and (consp form) (null (span-of form)))
          (note-span form reader start (text-index reader)))
        form)
      (clysm::%read-backquote stream char)))

;;; Structures. Those of a program may have no constructors yet while its file is compiled; in the file they are as they were written.

(defun read-text-structure (stream char argument)
  "#S: the structure if it can be made, else what is left of it for the time when the program runs."
  (clysm::%no-argument stream char argument)
  (let ((start (and (text-stream-p stream) (- (text-index *text-reader*) 2)))
        (body (clysm::%read-object stream)))
    (cond (*read-suppress* nil)
          ((structure-body-p body)
           (if (or (null *host*) (host-loads-source *host*))
               (clysm::%structure-of stream body)
               (read-structure-literal stream body)))
          (t (when start
               (setf (text-reader-error-start *text-reader*) start))
             (clysm::%reader-error stream "#S needs a list of a structure name and pairs of slot name and value")))))

(defun read-structure-literal (stream body)
  "The structure that BODY describes, which is noted, or the description alone where it can't be made."
  (let ((structure (and (structure-constructor body)
                        (handler-case (clysm::%structure-of stream body)
                          (error () nil)))))
    (cond (structure
           (setf (gethash structure *structure-bodies*) body)
           structure)
          (t (make-structure-literal body)))))

(defun structure-body-p (body)
  "Whether BODY is a list of a symbol and pairs."
  (and (consp body)
       (symbolp (car body))
       (oddp (or (list-length-or-nil body) 0))))

(defun structure-constructor (body)
  "Whether the structure that BODY describes can be made."
  (let ((class (find-class (car body) nil)))
    (and class
         (clysm::%structure-class-p class)
         (let ((constructor (getf (clysm::%class-options class) :constructor)))
           (or (functionp constructor)
               (and constructor (fboundp constructor)))))))

(defun make-text-readtable ()
  "The standard syntax, with the macro characters that note places."
  (let ((readtable (copy-readtable nil)))
    (set-macro-character #\( #'read-text-list nil readtable)
    (set-macro-character #\' #'read-text-quote nil readtable)
    (set-macro-character #\` #'read-text-backquote nil readtable)
    (set-dispatch-macro-character #\# #\' #'read-text-function readtable)
    (set-dispatch-macro-character #\# #\S #'read-text-structure readtable)
    readtable))

;;; Toplevel forms.

(defun read-form (reader)
  "Reads the next toplevel form. Two values: :FORM and the form; :END; or :FAILED and a diagnostic, after which the next call goes
on with the next toplevel form."
  (let ((*text-reader* reader) (start (text-index reader)))
    (setf (text-reader-depth reader) 0
          (text-reader-error-start reader) nil)
    (handler-case
        (let ((clysm::*%backquote-depth* 0)
              (clysm::*%read-labels* '())
              (stream (text-reader-stream reader)))
          (loop
            (setq start (text-index reader))
            (let ((c (read-char stream nil nil)))
              (when (null c) (return (values :end nil)))
              (let ((form (clysm::%read-after stream c)))
                (unless (eq form clysm::*%read-nothing*)
                  (return (values :form form)))))))
      (error (condition)
        (let ((diagnostic (read-diagnostic reader start condition)))
          (recover reader start diagnostic)
          (values :failed diagnostic))))))

(defun recover (reader start diagnostic)
  "Moves to the toplevel form at which reading goes on after the form that began at START."
  (let ((code (diagnostic-code diagnostic)) (text (text-reader-text reader)))
    (cond ((string= code "unmatched-close"))    ; one stray parenthesis says nothing about what follows it
          ((string/= code "end-of-text")
           (set-text-index reader (next-toplevel text (text-index reader))))
          ((< (text-reader-left-open reader) +max-left-open+)
           (incf (text-reader-left-open reader))
           (set-text-index reader (next-toplevel text start)))
          (t (set-text-index reader (length text))))))

(defun next-toplevel (text from)
  "The start of the next line that begins with an opening parenthesis, or the end of the text."
  (let ((end (length text)))
    (do ((newline (position #\newline text :start from) (position #\newline text :start (+ newline 1))))
        ((null newline) end)
      (when (and (< (+ newline 1) end) (char= (char text (+ newline 1)) #\())
        (return (+ newline 1))))))

;;; Errors.

(defun read-diagnostic (reader start condition)
  "What there is to say of the error CONDITION in the form that began at START."
  (let ((report (remove #\newline (princ-to-string condition))))
    (cond ((typep condition 'end-of-file) (end-of-text-diagnostic reader start))
          ((typep condition 'reader-error)
           (let ((code (reader-error-code report)))
             (error-at-index (error-diagnostic code (reader-error-title code condition report)) reader)))
          (t (error-at-index (error-diagnostic "read-eval" (format nil "evaluation at read time failed: ~A" report))
                             reader)))))

(defparameter *reader-error-codes*
  '(("unmatched close" . "unmatched-close")
    ("no package named" . "unknown-package")
    ("is not external" . "not-external")
    ("package marker" . "package-marker")
    ("package name is missing" . "package-marker")
    ("dot" . "dot-context")
    ("nothing appears before ." . "dot-context")
    ("comma" . "backquote")
    (",@" . "backquote")
    ("no dispatch function" . "unknown-dispatch")
    ("can't be read" . "unreadable-object")
    ("names no character" . "unknown-character")
    ("label" . "label")
    ("#=" . "label")
    ("radix" . "radix")
    ("no rational number" . "radix")
    ("number is not allowed in" . "dispatch-argument")
    ("feature expression" . "feature-expression")
    ("nested more than" . "nesting")
    ("elements" . "vector-syntax")
    ("bit vector" . "vector-syntax")
    ("#A" . "array-syntax")
    ("#C" . "complex-syntax")
    ("#P" . "pathname-syntax")
    ("#S" . "structure-syntax"))
  "Parts of the reader's messages, and the stable names of the kinds of errors.")

(defun reader-error-code (report)
  (let ((entry (find-if (lambda (entry) (search (car entry) report)) *reader-error-codes*)))
    (if entry (cdr entry) "read-error")))

(defun reader-error-title (code condition report)
  "What the compiler says where it puts the reader's REPORT of CONDITION in other words."
  (cond ((string= code "unmatched-close") "unmatched close parenthesis")
        ((string= code "unknown-package") (format nil "there is no package named ~A" (package-error-package condition)))
        (t report)))

(defun error-at-index (diagnostic reader)
  "DIAGNOSTIC with the place of the token before the next character."
  (let* ((text (text-reader-text reader))
         (base (text-reader-base reader))
         (end (text-index reader))
         (before (position-if #'delimiter-p text :end end :from-end t))
         (start (or (text-reader-error-start reader)
                    (if before (min (+ before 1) (max 0 (- end 1))) 0))))
    (diagnostic-at diagnostic (cons (+ base start) (+ base end)) "")))

(defun delimiter-p (character)
  (member character '(#\space #\tab #\newline #\( #\) #\" #\' #\` #\, #\;)))

(defparameter *delimited-things*
  '((:list . "a list") (:string . "a string") (:bars . "a symbol between bars") (:comment . "a comment")
    (:prefix . "a prefix that needs an object after it"))
  "What a text may end inside of.")

(defun end-of-text-diagnostic (reader start)
  "The text ends inside of the form that began at START. The end says nothing; where the object began does."
  (multiple-value-bind (kind opened) (innermost-opening (text-reader-text reader) start)
    (let* ((text (text-reader-text reader))
           (base (text-reader-base reader))
           (suspect (next-toplevel text opened))
           (diagnostic (diagnostic-at (error-diagnostic "end-of-text" (format nil "the text ends inside of ~A"
                                                                              (cdr (assoc kind *delimited-things*))))
                                      (cons (+ base opened) (+ base opened 1))
                                      "opened here, never closed")))
      (if (< suspect (length text))
          (diagnostic-help (diagnostic-also diagnostic (cons (+ base suspect) (+ base suspect 1))
                                            "looks like another toplevel form")
                           "the closing delimiter is probably missing before the next toplevel form")
          diagnostic))))

(defun innermost-opening (text start)
  "What the text from START on leaves open, and where that begins; :PREFIX when everything is closed."
  (let ((open '()) (index start) (end (length text)))
    (flet ((skip-to (delimiter kind)
             ;; INDEX goes after the closing DELIMITER; else it is what is left open.
             (let ((opened index))
               (incf index)
               (loop
                 (when (>= index end) (return-from innermost-opening (values kind opened)))
                 (let ((c (char text index)))
                   (cond ((char= c #\\) (incf index 2))
                         ((char= c delimiter) (incf index) (return))
                         (t (incf index))))))))
      (loop
        (when (>= index end)
          (return (if open (values :list (first open)) (values :prefix start))))
        (case (char text index)
          (#\( (push index open) (incf index))
          (#\) (pop open) (incf index))
          (#\\ (incf index 2))
          (#\; (setq index (line-end text index)))
          (#\" (skip-to #\" :string))
          (#\| (skip-to #\| :bars))
          (#\# (cond ((prefix-at-p "#|" text index)
                      (setq index (or (comment-end text index)
                                      (return (values :comment index)))))
                     ((prefix-at-p "#\\" text index) (incf index 3))
                     (t (incf index))))
          (t (incf index)))))))

(defun comment-end (text start)
  "The index after the comment that begins at START, or NIL."
  (let ((depth 0) (index start) (end (- (length text) 1)))
    (loop
      (cond ((>= index end) (return nil))
            ((prefix-at-p "#|" text index) (incf depth) (incf index 2))
            ((prefix-at-p "|#" text index)
             (decf depth)
             (incf index 2)
             (when (eql depth 0) (return index)))
            (t (incf index))))))
