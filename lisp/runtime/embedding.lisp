;;;; What an embedding program asks of a live image: reading a text form by form beside the reader in the host, loading,
;;;; functions of the host.

(in-package :clysm)

;;; The host reads texts with a reader of its own as long as the syntax is standard.

(defun %keep-journal ()
  "From now on the host hears of changes of packages, and of what names stand for."
  (setq *package-journal* #'%put-in-journal
        *%notes-facts* t)
  nil)

(defun %note-symbols-read (symbols)
  "SYMBOLS were interned by the host's reader: being announced is all that it takes."
  (declare (ignore symbols))
  nil)

(defun %reader-state ()
  "What the host must know before the next form: for its reader, last whether it may read that at all, and facts of names."
  (list (%package-name *package*) *read-base* *read-default-float-format* *features*
        (not (or *read-suppress* (%readtable-changed *readtable*)))
        (%take-facts)))

(defun %take-facts ()
  "A list of (SYMBOL FLAGS FUNCTION-P COMPILER-MACRO-P SETF-EXPANDER-P . EXPANSION) for each symbol that was noted."
  (let ((symbols *%noted*) (facts '()))
    (setq *%noted* '())
    (dolist (symbol symbols facts)
      (let ((flags (logandc2 (%get symbol flags symbol) 64)))
        (%set symbol flags symbol flags)
        (push (list* symbol flags (fboundp symbol)
                     (if (%info symbol :compiler-macro) t nil)
                     (if (%info symbol :setf-expander) t nil)
                     (%info symbol :symbol-macro))
              facts)))))

(defun %read-eval (form)
  "The value of FORM after #. in a text that the host reads."
  (unless *read-eval*
    (error "#. is not permitted: *READ-EVAL* is false."))
  (values (eval form)))

(defun %open-source (text)
  "A stream from which %READ-SOURCE reads."
  (make-string-input-stream text))

(defun %read-source (stream)
  "NIL at the end, else a list of the next form and the numbers of the characters where it starts and ends."
  (let ((*%backquote-depth* 0)
        (*%read-labels* '()))
    (loop
      (let* ((start (file-position stream))
             (c (read-char stream nil nil))
             (object (if c (%read-after stream c) nil)))
        (cond ((null c) (return nil))
              ((not (eq object *%read-nothing*))
               (return (list (if *read-suppress* nil object) start (file-position stream)))))))))

(defun %eval-text (text)
  "The values of the last of the forms in TEXT."
  (let ((stream (%open-source text))
        (values '()))
    (loop
      (let ((form (%read-source stream)))
        (when (null form) (return (values-list values)))
        (setq values (multiple-value-list (eval (car form))))))))

;;; Files that the host loads or compiles: each form is a call of its own, so that what LOAD and COMPILE-FILE bind is set and restored.

(defglobal *%files* '())                ; for each file under way what was found

(defun %begin-file (variables namestring truename)
  "VARIABLES get the pathname and the truename of a file."
  (push (list *package* *readtable* variables (mapcar #'symbol-value variables)) *%files*)
  (mapc #'set variables (list (%parse-native namestring) (%parse-native truename))))

(defun %end-file ()
  (destructuring-bind (package readtable variables values) (pop *%files*)
    (setq *package* package
          *readtable* readtable)
    (mapc #'set variables values)))

;;; Functions of the host

(define-condition host-error (simple-error) ()
  (:documentation "A function of the embedding program failed."))

(defun %host-function-failed (answer)
  (case (car answer)
    (:type-error (%type-error (second answer) (third answer)))
    (t (error 'host-error :format-control "~A" :format-arguments (list (second answer))))))

(defun %call-host-function (number arguments)
  (let ((answer (%ask-host (lambda (request) (%host.call number request)) arguments)))
    (cond ((null answer)
           (let ((text (%host.error)))
             (%host-function-failed (list :error (%octets-string text 0 (%array-length u8-vector text))))))
          ((eq (car answer) t) (values-list (cdr answer)))
          (t (%host-function-failed answer)))))

(defun %define-host-function (name number minimum maximum)
  "Makes host function NUMBER, which takes MINIMUM to MAXIMUM arguments, any number above if that is NIL, the function of NAME."
  (%set-fdefinition name
                    (lambda (&rest arguments)
                      (let ((count (length arguments)))
                        (unless (and (<= minimum count) (or (null maximum) (<= count maximum)))
                          (%wrong-argument-count (fdefinition name) count)))
                      (%call-host-function number arguments))))
