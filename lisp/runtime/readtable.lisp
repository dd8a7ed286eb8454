;;;; Readtables (CLHS 2.1, 23.1, 23.2): syntax types and macro functions of characters.

(in-package :clysm)

;;; The syntax types are the keywords :CONSTITUENT :WHITESPACE :TERMINATING :NON-TERMINATING :SINGLE-ESCAPE
;;; :MULTIPLE-ESCAPE. ASCII is in vectors; other characters are constituents unless a hash table says otherwise.

(defstruct (readtable (:constructor %make-readtable (%case syntax macros others dispatch))
                      (:copier nil)
                      (:predicate readtablep)
                      (:conc-name %readtable-))
  (changed nil)                         ; whether it may differ from the standard readtable
  %case
  syntax                                ; simple vector of 128 syntax types
  macros                                ; simple vector of 128 macro functions or NIL
  others                                ; NIL, or hash table: character -> (syntax . macro function)
  dispatch)                             ; alist: dispatching macro character -> hash table: upper-case sub-character -> function

(declaim (inline %ascii-code))
(defun %ascii-code (character)
  "The code of CHARACTER if it is below 128, else NIL."
  (let ((code (char-code character)))
    (if (< code 128) code nil)))

(defun %syntax (readtable character)
  (let ((code (%ascii-code character)))
    (cond (code (svref (%readtable-syntax readtable) code))
          ((null (%readtable-others readtable)) :constituent)
          (t (let ((entry (gethash character (%readtable-others readtable))))
               (if entry (car entry) :constituent))))))

;; The standard macro functions are the reader itself. What looks for a macro function mentions this variable, so that a
;; program which prints only, and needs the syntax types for that, needn't contain the reader.
(defglobal *%standard-macros* nil)

(defun %macro-function (readtable character)
  (%mention '*%standard-macros*)
  (let ((code (%ascii-code character)))
    (cond (code (svref (%readtable-macros readtable) code))
          ((null (%readtable-others readtable)) nil)
          (t (cdr (gethash character (%readtable-others readtable)))))))

(defun %check-changeable (readtable)
  "Signals if READTABLE is the standard readtable, once that is complete (CLHS 2.1.1.2)."
  (when (and *%standard-macros* (eq readtable *%standard-readtable*))
    (%error "The standard readtable can't be changed.")))

(defun %set-syntax (readtable character syntax function)
  (%check-changeable readtable)
  (setf (%readtable-changed readtable) t)
  (let ((code (%ascii-code character)))
    (cond (code
           (setf (svref (%readtable-syntax readtable) code) syntax
                 (svref (%readtable-macros readtable) code) function))
          (t (unless (%readtable-others readtable)
               (setf (%readtable-others readtable) (make-hash-table :test #'eql)))
             (setf (gethash character (%readtable-others readtable)) (cons syntax function))))))

(defun %invalid-constituent-p (character)
  "True for the characters whose constituent trait is invalid (CLHS 2.1.4.2): Backspace, and Rubout and whitespace where
the readtable makes them constituents."
  (let ((code (char-code character)))
    (and (or (<= code 32) (eql code 127))
         (member code '(8 9 10 12 13 32 127) :test #'eql)
         t)))

(defun %readtable-designator (designator)
  (cond ((readtablep designator) designator)
        ((null designator) *%standard-readtable*)
        (t (%type-error designator '(or readtable null)))))

(defun readtable-case (readtable)
  (if (readtablep readtable)
      (%readtable-%case readtable)
      (%type-error readtable 'readtable)))

(defun (setf readtable-case) (case readtable)
  (unless (member case '(:upcase :downcase :preserve :invert) :test #'eq)
    (%type-error case '(member :upcase :downcase :preserve :invert)))
  (unless (readtablep readtable)
    (%type-error readtable 'readtable))
  (%check-changeable readtable)
  (unless (eq case (%readtable-%case readtable))
    (setf (%readtable-changed readtable) t))
  (setf (%readtable-%case readtable) case))

(defun %copy-character-table (table)
  (let ((copy (make-hash-table :test #'eql)))
    (maphash (lambda (character value) (setf (gethash character copy) value)) table)
    copy))

(defun copy-readtable (&optional (from *readtable*) to)
  (%copy-readtable (%readtable-designator from)
                   (cond ((null to) (%empty-readtable))
                         ((readtablep to) to)
                         (t (%type-error to '(or readtable null))))))

(defun %empty-readtable ()
  (%make-readtable nil nil nil nil nil))

(defun %copy-readtable (source target)
  "Makes TARGET a copy of SOURCE."
  (%check-changeable target)
  (setf (%readtable-changed target) (%readtable-changed source)
        (%readtable-%case target) (%readtable-%case source)
        (%readtable-syntax target) (copy-seq (%readtable-syntax source))
        (%readtable-macros target) (copy-seq (%readtable-macros source))
        (%readtable-others target) (and (%readtable-others source)
                                        (%copy-character-table (%readtable-others source)))
        (%readtable-dispatch target) (mapcar (lambda (entry)
                                               (cons (car entry) (%copy-character-table (cdr entry))))
                                             (%readtable-dispatch source)))
  target)

(defun %dispatch-table (readtable character)
  (%mention '*%standard-macros*)
  (cdr (assoc character (%readtable-dispatch readtable))))

(defun %remove-dispatch (readtable character)
  (setf (%readtable-dispatch readtable)
        (remove character (%readtable-dispatch readtable) :key #'car)))

(defun set-syntax-from-char (to-char from-char &optional (to-readtable *readtable*) from-readtable)
  (let* ((from (%readtable-designator from-readtable))
         (to (%readtable-designator to-readtable))
         (table (%dispatch-table from from-char)))
    (%set-syntax to to-char (%syntax from from-char) (%macro-function from from-char))
    (%remove-dispatch to to-char)
    (when table
      (push (cons to-char (%copy-character-table table)) (%readtable-dispatch to)))
    t))

(defun get-macro-character (character &optional (readtable *readtable*))
  (let ((r (%readtable-designator readtable)))
    (values (%macro-function r character)
            (eq (%syntax r character) :non-terminating))))

(defun set-macro-character (character function &optional non-terminating-p (readtable *readtable*))
  (let ((r (%readtable-designator readtable)))
    (%set-syntax r character (if non-terminating-p :non-terminating :terminating) function)
    (%remove-dispatch r character)
    t))

(defun make-dispatch-macro-character (character &optional non-terminating-p (readtable *readtable*))
  (let ((r (%readtable-designator readtable)))
    (set-macro-character character #'%read-dispatching non-terminating-p r)
    (push (cons character (make-hash-table :test #'eql)) (%readtable-dispatch r))
    t))

(defun %checked-dispatch-table (readtable character)
  (or (%dispatch-table (%readtable-designator readtable) character)
      (%error "~S is no dispatching macro character." character)))

(defun get-dispatch-macro-character (disp-char sub-char &optional (readtable *readtable*))
  (let ((table (%checked-dispatch-table readtable disp-char)))
    (if (digit-char-p sub-char)
        nil
        (values (gethash (char-upcase sub-char) table)))))

(defun set-dispatch-macro-character (disp-char sub-char function &optional (readtable *readtable*))
  (let ((table (%checked-dispatch-table readtable disp-char)))
    (when (digit-char-p sub-char)
      (%error "The digit ~S can't be a sub-character of ~S." sub-char disp-char))
    (%check-changeable (%readtable-designator readtable))
    (setf (%readtable-changed (%readtable-designator readtable)) t)
    (setf (gethash (char-upcase sub-char) table) function)
    t))

;;; The standard readtable.

(defun %standard-syntax ()
  (let ((syntax (make-array 128 :initial-element :constituent)))
    (dolist (code '(9 10 12 13 32)) (setf (svref syntax code) :whitespace))
    (setf (svref syntax (char-code #\\)) :single-escape
          (svref syntax (char-code #\|)) :multiple-escape
          (svref syntax (char-code #\#)) :non-terminating)
    (dolist (code '(34 39 40 41 44 59 96)) (setf (svref syntax code) :terminating)) ; " ' ( ) , ; `
    syntax))

(defun %install-standard-macros (readtable)
  (dolist (entry (list (cons #\" #'%read-string-macro) (cons #\' #'%read-quote) (cons #\( #'%read-list)
                       (cons #\) #'%read-right-parenthesis) (cons #\, #'%read-comma)
                       (cons #\; #'%read-line-comment) (cons #\` #'%read-backquote)))
    (set-macro-character (car entry) (cdr entry) nil readtable))
  (make-dispatch-macro-character #\# t readtable)
  (dolist (entry (list (cons #\' #'%sharp-quote) (cons #\( #'%sharp-left-parenthesis) (cons #\* #'%sharp-star)
                       (cons #\: #'%sharp-colon) (cons #\. #'%sharp-dot) (cons #\b #'%sharp-b) (cons #\o #'%sharp-o)
                       (cons #\x #'%sharp-x) (cons #\r #'%sharp-r) (cons #\a #'%sharp-a) (cons #\c #'%sharp-c)
                       (cons #\p #'%sharp-p) (cons #\s #'%sharp-s) (cons #\\ #'%sharp-backslash)
                       (cons #\| #'%sharp-bar) (cons #\= #'%sharp-equal) (cons #\# #'%sharp-sharp)
                       (cons #\+ #'%sharp-plus) (cons #\- #'%sharp-minus)
                       (cons #\) #'%sharp-illegal) (cons #\< #'%sharp-illegal)
                       (cons (code-char 9) #'%sharp-illegal) (cons (code-char 10) #'%sharp-illegal)
                       (cons (code-char 12) #'%sharp-illegal) (cons (code-char 13) #'%sharp-illegal)
                       (cons #\space #'%sharp-illegal)))
    (set-dispatch-macro-character #\# (car entry) (cdr entry) readtable))
  (setf (%readtable-changed readtable) nil)
  t)
