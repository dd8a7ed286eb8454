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
  (sharp nil)                           ; the place of the innermost # before what can't be read
  (backquote nil)                       ; that of the innermost backquote
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

(defun read-text-character (stream char argument)
  "#\\, which takes no number, as the Rust compiler has it."
  (clysm::%no-argument stream char argument)
  (funcall (get-dispatch-macro-character #\# #\\ nil) stream char argument))

(defun read-text-backquote (stream char)
  "Notes the place of the form that makes an instance of a template."
  (if (text-stream-p stream)
      (let* ((reader *text-reader*)
             (start (- (text-index reader) 1))
             (form (handler-bind ((error (lambda (condition)
                                           (declare (ignore condition))
                                           (unless (text-reader-backquote reader)
                                             (setf (text-reader-backquote reader) start)))))
                     (clysm::%read-backquote stream char))))
        (when (and (consp form) (null (span-of form)))
          (note-span form reader start (text-index reader)))
        form)
      (clysm::%read-backquote stream char)))

;;; Where a dispatching macro character is, for errors in what follows it.

(defun read-text-sharp (stream char)
  "The macro function of #."
  (if (text-stream-p stream)
      (let* ((reader *text-reader*) (start (- (text-index reader) 1)))
        (handler-bind ((error (lambda (condition)
                                (declare (ignore condition))
                                (unless (text-reader-sharp reader)
                                  (setf (text-reader-sharp reader) start)))))
          (clysm::%read-dispatching stream char)))
      (clysm::%read-dispatching stream char)))

;;; Structures. Those of a program may have no constructors yet while its file is compiled; in the file they are as they were written.

(defun read-text-structure (stream char argument)
  "#S: the structure if it can be made, else what is left of it for the time when the program runs."
  (clysm::%no-argument stream char argument)
  (let ((body (clysm::%read-object stream)))
    (cond (*read-suppress* nil)
          ((structure-body-p body)
           (if (or (null *host*) (host-loads-source *host*))
               (clysm::%structure-of stream body)
               (read-structure-literal stream body)))
          (t (clysm::%reader-error stream "#S needs a list of a structure name and pairs of slot name and value")))))

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
    (clysm::%set-syntax readtable #\# :non-terminating #'read-text-sharp)
    (set-dispatch-macro-character #\# #\' #'read-text-function readtable)
    (set-dispatch-macro-character #\# #\\ #'read-text-character readtable)
    (set-dispatch-macro-character #\# #\S #'read-text-structure readtable)
    readtable))

;;; Toplevel forms.

(defun read-form (reader)
  "Reads the next toplevel form. Two values: :FORM and the form; :END; or :FAILED and a diagnostic, after which the next call goes
on with the next toplevel form."
  (let ((*text-reader* reader) (start (text-index reader)))
    (setf (text-reader-depth reader) 0
          (text-reader-sharp reader) nil
          (text-reader-backquote reader) nil)
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
  (cond ((typep condition 'end-of-file) (end-of-text-diagnostic reader start))
        ((typep condition 'reader-error) (reader-error-diagnostic reader condition))
        (t (multiple-value-bind (start end) (error-bounds reader t)
             (diagnostic-at (error-diagnostic "read-eval" (format nil "evaluation at read time failed: ~A"
                                                                  (condition-text condition)))
                            (text-span reader start end)
                            "")))))

(defparameter *reader-errors*
  '(("unmatched close" "unmatched-close" "unmatched close parenthesis")
    ("no package named" "unknown-package" nil)
    ("is not external" "not-external" nil)
    ("The package markers in" "package-marker" "misplaced package marker in ~A")
    ("package name is missing" "package-marker" "misplaced package marker in ~A")
    ("has a package marker" "package-marker" "an uninterned symbol can't have a package prefix: ~A")
    ("must stand between" "dot-context" "dot context error: a lone . is only allowed in a list")
    ("Nothing follows the dot" "dot-context" "nothing appears after . in the list")
    ("More than one object follows" "dot-context" "more than one object follows . in the list")
    ("dots only" "dot-context" "a token can't consist of dots alone: ~A")
    ("nothing appears before ." "dot-context" nil)
    ("A comma must be" "backquote" "comma is not inside of a backquote")
    (",@ must be" "backquote" ",@ is only allowed as an element of a list or vector" :backquote)
    (",. must be" "backquote" ",. is only allowed as an element of a list or vector" :backquote)
    ("backquoted form" "backquote" "a label can't refer to a part of a backquoted form that contains a comma")
    ("no dispatch function" "unknown-dispatch" "no dispatch function is defined for ~A")
    ("#< can't be read" "unreadable-object" "objects printed as #<…> can't be read")
    ("can't be read while" "unreadable-object" nil :sharp)
    ("can't be read" "unknown-dispatch" "no dispatch function is defined for ~A" :sharp)
    ("names no character" "unknown-character" nil)
    ("which is no rational" "radix" nil)
    ("The radix of" "radix" nil)
    ("is not allowed in" "dispatch-argument" nil :sharp)
    ("#A needs a rank" "dispatch-argument" "#A needs a numeric argument" :sharp)
    ("#= needs a number" "dispatch-argument" "#= needs a numeric argument" :sharp)
    ("## needs a number" "dispatch-argument" "## needs a numeric argument" :sharp)
    ("feature expression" "feature-expression"
     "not a feature expression: a symbol, or a list starting with AND, OR or NOT" :feature)
    ("nested more than" "nesting" nil)
    ("elements" "vector-syntax" nil :sharp)
    ("no bit vector" "vector-syntax" nil)
    ("is no sequence, as" "array-syntax" nil :sharp)
    ("#C must be" "complex-syntax" "#C needs a list of two real numbers" :sharp)
    ("#P must be" "pathname-syntax" "#P needs a string" :sharp)
    ("#S" "structure-syntax" nil :sharp)
    ("label" "label" nil)
    ("names itself" "label" nil :sharp)
    ("The denominator of" "division-by-zero" "division by zero in ~A")
    ("is out of range" "float-overflow" nil))
  "Parts of the reader's messages; the stable name of the kind of error; what the compiler says in other words, ~A being what is
marked, or NIL; and what is marked, if it is not the last token.")

(defun reader-error-diagnostic (reader condition)
  (let ((report (remove #\newline (princ-to-string condition))))
    (destructuring-bind (&optional (code "read-error") control place)
        (cdr (find-if (lambda (entry) (search (first entry) report)) *reader-errors*))
      (multiple-value-bind (start end) (error-bounds reader place)
        (let ((token (subseq (text-reader-text reader) start end)))
          (multiple-value-bind (title hint other-code)
              (if control
                  (format nil control token)
                  (reader-error-title code token condition report))
            (let ((diagnostic (diagnostic-at (error-diagnostic (or other-code code) title)
                                             (text-span reader start end)
                                             "")))
              (if hint
                  (diagnostic-help diagnostic hint)
                  (if (string= code "unmatched-close")
                      (diagnostic-help diagnostic "remove it, or look for a list before it that is closed too early")
                      diagnostic)))))))))

(defun reader-error-title (code token condition report)
  "What the compiler says in place of the reader's REPORT of CONDITION, a hint, and another code if that is needed."
  (flet ((code-p (name) (string= code name))
         (number-in-token () (or (parse-integer token :start 1 :junk-allowed t) 0)))
    (cond ((code-p "unknown-package") (format nil "there is no package named ~A" (package-error-package condition)))
          ((code-p "not-external")
           (not-external-title (first (clysm::simple-condition-format-arguments condition))
                               (package-error-package condition)))
          ((code-p "unknown-character") (format nil "there is no character named ~A" (subseq token (min 2 (length token)))))
          ((code-p "radix")
           (if (search "The radix" report)
               (format nil "the radix ~D is not between 2 and 36" (number-in-token))
               (format nil "not a rational number in radix ~D"
                       (case (and (> (length token) 1) (char-upcase (char token 1)))
                         (#\B 2) (#\O 8) (#\X 16) (t (number-in-token))))))
          ((code-p "dispatch-argument")
           (format nil "#~A takes no numeric argument" (subseq report (- (length report) 2) (- (length report) 1))))
          ((code-p "array-syntax")
           (format nil "the contents of #~DA don't form an array of rank ~:*~D" (number-in-token)))
          ((and (code-p "vector-syntax") (search "no bit" report))
           (format nil "'~A' is not a bit" (find-if-not (lambda (c) (find c "01")) token :start (+ 1 (position #\* token)))))
          ((and (code-p "vector-syntax") (search "has no elements" report))
           (format nil "a vector of ~D elements needs at least one to be filled with" (number-in-token)))
          ((code-p "label")
           (let ((label (remove-if-not #'digit-char-p report)))
             (format nil (cond ((search "unknown" report) "no object is labelled #~A=")
                               ((search "itself" report) "#~A= labels nothing but itself")
                               (t "the label #~A= is used twice"))
                     label)))
          ((code-p "float-overflow") (float-error-title (string-upcase token)))
          (t report))))

(defun not-external-title (name package)
  (if (find-symbol name package)
      (values (format nil "symbol ~A is not external in package ~A" name (package-name package))
              (format nil "write ~A::~A, or export it" (package-name package) name))
      (let ((nearest (nearest-names name
                                    (let ((names '()))
                                      (do-external-symbols (symbol package names)
                                        (push (symbol-name symbol) names))))))
        (values (format nil "package ~A has no external symbol ~A" (package-name package) name)
                (and nearest (format nil "did you mean ~{~A~^ or ~}?" nearest))))))

(defun float-error-title (token)
  (let* ((marker (position-if (lambda (c) (find c "ESFDL")) token))
         (small (and marker (find #\- token :start marker)))
         (format (case (and marker (char token marker))
                   ((#\D #\L) 'double-float)
                   ((#\S #\F) 'single-float)
                   (t *read-default-float-format*))))
    (values (format nil "floating-point ~A: ~A is too ~A for ~A"
                    (if small "underflow" "overflow") token (if small "small" "large") format)
            nil
            (if small "float-underflow" "float-overflow"))))

(defun error-bounds (reader place)
  "Where what can't be read begins and ends: the token before the next character, or more of it if PLACE says so."
  (let* ((text (text-reader-text reader))
         (end (text-index reader))
         (before (position-if #'delimiter-p text :end end :from-end t))
         (start (if before (min (+ before 1) (max 0 (- end 1))) 0))
         (sharp (text-reader-sharp reader)))
    (values (or (case place
                  ((nil) nil)
                  (:backquote (text-reader-backquote reader))
                  (:feature (and sharp (+ sharp 2)))
                  (t sharp))
                start)
            end)))

(defun text-span (reader start end)
  (let ((base (text-reader-base reader)))
    (cons (+ base start) (+ base end))))

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
