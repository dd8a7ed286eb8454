;;;; The standard macro characters and dispatching macro characters (CLHS 2.4).

(in-package :clysm)

;;; Macro characters.

(defun %read-list (stream char)
  (declare (ignore char))
  (%read-elements stream #\) t))

(setq *%list-macro* #'%read-list)

(defun %read-right-parenthesis (stream char)
  (declare (ignore char))
  (%reader-error stream "There is an unmatched close parenthesis."))

(defun %read-quote (stream char)
  (declare (ignore char))
  (list 'quote (%read-object stream)))

(defun %read-line-comment (stream char)
  (declare (ignore char))
  (do ((c (read-char stream nil nil) (read-char stream nil nil)))
      ((or (null c) (char= c #\newline)) (values))))

(defun %read-string-macro (stream quote)
  (let ((n 0))
    (do ((c (read-char stream nil nil) (read-char stream nil nil)))
        (nil)
      (cond ((null c) (%read-eof stream))
            ((char= c quote) (return nil))
            ((eq (%syntax *readtable* c) :single-escape)
             (setq c (or (read-char stream nil nil) (%read-eof stream)))))
      (%put-token c n)
      (setq n (1+ n)))
    (if *read-suppress* nil (subseq *%token* 0 n))))

(defun %read-backquote (stream char)
  (declare (ignore char))
  (let ((template (let ((*%backquote-depth* (1+ *%backquote-depth*)))
                    (%read-object stream))))
    (if *read-suppress*
        nil
        (handler-case (%resolve-template-labels (%backquote template))
          (simple-error (condition)
            (%reader-error stream "~A" condition))))))

(defun %read-comma (stream char)
  (declare (ignore char))
  (when (and (<= *%backquote-depth* 0) (not *read-suppress*))
    (%reader-error stream "A comma must be inside a backquote."))
  (let* ((next (peek-char nil stream nil nil))
         (kind (case next (#\@ :splice) (#\. :nsplice) (t :eval))))
    (unless (eq kind :eval) (read-char stream))
    (let ((form (let ((*%backquote-depth* (1- *%backquote-depth*)))
                  (%read-object stream))))
      (if *read-suppress* nil (%make-comma kind form)))))

;;; The dispatch.

(defun %read-dispatching (stream char)
  (let ((argument nil) (sub-char nil))
    (do () (sub-char)
      (let* ((c (or (read-char stream nil nil) (%read-eof stream)))
             (digit (digit-char-p c)))
        (if digit
            (setq argument (+ (* 10 (or argument 0)) digit))
            (setq sub-char c))))
    (let* ((table (%dispatch-table *readtable* char))
           (function (and table (values (gethash (char-upcase sub-char) table)))))
      (cond (function (funcall function stream sub-char argument))
            (*read-suppress* (%gather-token stream sub-char :preserve)
                             nil)
            (t (%reader-error stream "There is no dispatch function for ~C~C." char sub-char))))))

(defun %sharp-illegal (stream sub-char argument)
  (declare (ignore argument))
  (%reader-error stream "#~:C can't be read." sub-char))

(defun %no-argument (stream sub-char argument)
  "Complains of a number between # and a SUB-CHAR that takes none."
  (when (and argument (not *read-suppress*))
    (%reader-error stream "A number is not allowed in #~D~C." argument sub-char)))

;;; Quoting, evaluation, comments, conditional reading.

(defun %sharp-quote (stream sub-char argument)
  (%no-argument stream sub-char argument)
  (list 'function (%read-object stream)))

(defun %sharp-dot (stream sub-char argument)
  (%no-argument stream sub-char argument)
  (let ((form (let ((*%backquote-depth* 0)) (%read-object stream))))
    (cond (*read-suppress* nil)
          (*read-eval* (eval form))
          (t (%reader-error stream "#. can't be read while *READ-EVAL* is false.")))))

(defun %sharp-bar (stream sub-char argument)
  (%no-argument stream sub-char argument)
  (let ((depth 1) (previous #\space))
    (do () ((eql depth 0) (values))
      (let ((c (or (read-char stream nil nil) (%read-eof stream))))
        (cond ((and (char= previous #\|) (char= c #\#))
               (setq depth (1- depth) previous #\space))
              ((and (char= previous #\#) (char= c #\|))
               (setq depth (1+ depth) previous #\space))
              (t (setq previous c)))))))

(defun %feature-p (expression stream)
  (cond ((symbolp expression) (member expression *features* :test #'eq))
        ((and (consp expression) (eq (car expression) :and))
         (dolist (e (cdr expression) t) (unless (%feature-p e stream) (return nil))))
        ((and (consp expression) (eq (car expression) :or))
         (dolist (e (cdr expression) nil) (when (%feature-p e stream) (return t))))
        ((and (consp expression) (eq (car expression) :not) (consp (cdr expression)) (null (cddr expression)))
         (not (%feature-p (cadr expression) stream)))
        (t (%reader-error stream "~S is no feature expression." expression))))

(defun %read-feature (stream)
  "Reads a feature expression; true if it holds."
  (let ((*package* (symbol-package :key)) (*read-suppress* nil))
    (%feature-p (%read-object stream) stream)))

(defun %read-or-skip (stream read)
  (cond (read (%read-object stream))
        (t (let ((*read-suppress* t)) (%read-object stream))
           (values))))

(defun %sharp-plus (stream sub-char argument)
  (%no-argument stream sub-char argument)
  (%read-or-skip stream (%read-feature stream)))

(defun %sharp-minus (stream sub-char argument)
  (%no-argument stream sub-char argument)
  (%read-or-skip stream (not (%read-feature stream))))

;;; Characters and symbols.

(defun %sharp-backslash (stream sub-char argument)
  (declare (ignore sub-char argument))
  (let ((first (or (read-char stream nil nil) (%read-eof stream))))
    (let* ((rest (%gather-token stream nil :preserve))
           (name (subseq *%token* 0 rest)))
      (cond (*read-suppress* nil)
            ((eql rest 0) first)
            ((name-char (concatenate 'string (string first) name)))
            (t (%reader-error stream "~S names no character." (concatenate 'string (string first) name)))))))

(defun %sharp-colon (stream sub-char argument)
  (%no-argument stream sub-char argument)
  (let ((case (%readtable-%case *readtable*)))
    (multiple-value-bind (n escapes marker markers escaped-indices) (%gather-token stream nil case)
      (declare (ignore escapes markers))
      (cond (*read-suppress* nil)
            (marker (%reader-error stream "#:~A has a package marker." (subseq *%token* 0 n)))
            (t (when (eq case :invert) (%invert-token n escaped-indices))
               (make-symbol (subseq *%token* 0 n)))))))

;;; Numbers.

(defun %read-rational (stream base what)
  (cond (*read-suppress* (%read-object stream) nil)
        (t (let ((number (let ((*read-base* base)) (%read-object stream))))
             (unless (rationalp number)
               (%reader-error stream "~A is followed by ~S, which is no rational number." what number))
             number))))

(defun %sharp-b (stream sub-char argument)
  (%no-argument stream sub-char argument)
  (%read-rational stream 2 "#B"))

(defun %sharp-o (stream sub-char argument)
  (%no-argument stream sub-char argument)
  (%read-rational stream 8 "#O"))

(defun %sharp-x (stream sub-char argument)
  (%no-argument stream sub-char argument)
  (%read-rational stream 16 "#X"))

(defun %sharp-r (stream sub-char argument)
  (declare (ignore sub-char))
  (cond (*read-suppress* (%read-object stream) nil)
        ((not (and argument (<= 2 argument 36)))
         (%reader-error stream "The radix of #R is ~:[missing~;~:*~D, not between 2 and 36~]." argument))
        (t (%read-rational stream argument "#R"))))

(defun %sharp-c (stream sub-char argument)
  (%no-argument stream sub-char argument)
  (let ((parts (%read-object stream)))
    (cond (*read-suppress* nil)
          ((and (consp parts) (consp (cdr parts)) (null (cddr parts))
                (realp (car parts)) (realp (cadr parts)))
           (complex (car parts) (cadr parts)))
          (t (%reader-error stream "#C must be followed by a list of two reals, not by ~S." parts)))))

;;; Arrays.

(defun %fill-vector (stream vector elements argument)
  "Fills VECTOR of length ARGUMENT with ELEMENTS, the last repeated."
  (let ((i 0) (last nil))
    (dolist (element elements)
      (when (>= i argument) (%reader-error stream "There are more than ~D elements in a vector." argument))
      (setf (aref vector i) element last element i (1+ i)))
    (when (and (null elements) (> argument 0))
      (%reader-error stream "A vector of length ~D has no elements." argument))
    (do () ((>= i argument) vector)
      (setf (aref vector i) last i (1+ i)))))

(defun %sharp-left-parenthesis (stream sub-char argument)
  (declare (ignore sub-char))
  (let ((elements (%read-elements stream #\) nil)))
    (cond (*read-suppress* nil)
          (argument (%fill-vector stream (make-array argument :initial-element 0) elements argument))
          (t (coerce elements 'simple-vector)))))

(defun %sharp-star (stream sub-char argument)
  (declare (ignore sub-char))
  (multiple-value-bind (n escapes) (%gather-token stream nil :preserve)
    (if *read-suppress*
        nil
        (let ((bits '()))
          (do ((i (1- n) (1- i)))
              ((< i 0))
            (let ((bit (position (schar *%token* i) "01")))
              (when (or escapes (null bit))
                (%reader-error stream "~S is no bit vector." (subseq *%token* 0 n)))
              (push bit bits)))
          (let ((length (or argument n)))
            (%fill-vector stream (make-array length :element-type 'bit) bits length))))))

(defun %sharp-a (stream sub-char argument)
  (declare (ignore sub-char))
  (let ((contents (%read-object stream)))
    (cond (*read-suppress* nil)
          ((null argument) (%reader-error stream "#A needs a rank."))
          (t (make-array (%contents-dimensions stream contents argument) :initial-contents contents)))))

(defun %contents-dimensions (stream contents rank)
  (let ((dimensions '()))
    (dotimes (i rank (nreverse dimensions))
      (unless (typep contents 'sequence)
        (%reader-error stream "~S is no sequence, as #~DA needs it." contents rank))
      (push (length contents) dimensions)
      (unless (eql (length contents) 0)
        (setq contents (elt contents 0))))))

;;; Pathnames and structures.

(defun %sharp-p (stream sub-char argument)
  (%no-argument stream sub-char argument)
  (let ((name (%read-object stream)))
    (cond (*read-suppress* nil)
          ((stringp name) (values (parse-namestring name)))
          (t (%reader-error stream "#P must be followed by a string, not by ~S." name)))))

(defun %sharp-s (stream sub-char argument)
  (%no-argument stream sub-char argument)
  (let ((body (%read-object stream)))
    (if *read-suppress* nil (%structure-of stream body))))

(defun %structure-of (stream body)
  "The structure that BODY, what follows #S, describes: its name, slot names and values."
  (let ((class (and (consp body) (symbolp (car body)) (find-class (car body) nil))))
    (unless (and class (%structure-class-p class))
      (%reader-error stream "#S must be followed by a list that begins with a structure name, not by ~S." body))
    (let ((constructor (getf (%class-options class) :constructor)))
      (unless constructor
        (%reader-error stream "The structure ~S has no constructor that #S can call." (car body)))
      (%check-lock :construct constructor)
      (apply constructor (%structure-initargs stream (cdr body))))))

(defun %structure-from-literal (body)
  "The same for a literal in compiled code."
  (%structure-of nil body))

(defun %structure-initargs (stream plist)
  "PLIST with its keys, string designators, as keywords."
  (let ((arguments '()))
    (do ((rest plist (cddr rest)))
        ((null rest) (nreverse arguments))
      (unless (and (consp rest) (consp (cdr rest)) (typep (car rest) '(or symbol string character)))
        (%reader-error stream "~S is no list of slot names and values." plist))
      (push (intern (string (car rest)) (symbol-package :key)) arguments)
      (push (cadr rest) arguments))))

;;; Labels: #n= and #n#.

(defstruct (%label (:constructor %make-label ()) (:copier nil))
  (value nil)
  (defined nil)
  (used nil)                            ; met by #n# before its object was complete
  (deferred nil))                       ; what it stands for takes its place when the template around it has become a form

(defun %sharp-equal (stream sub-char argument)
  (declare (ignore sub-char))
  (cond (*read-suppress* (values))
        ((null argument) (%reader-error stream "#= needs a number."))
        ((assoc argument *%read-labels*) (%reader-error stream "The label #~D= occurs twice." argument))
        (t (let ((label (%make-label)))
             (push (cons argument label) *%read-labels*)
             (let ((object (%read-object stream)))
               (when (eq object label)
                 (%reader-error stream "#~D= names itself." argument))
               (setf (%label-value label) object
                     (%label-defined label) t)
               (cond ((not (%label-used label)) object)
                     ((> *%backquote-depth* 0)
                      (setf (%label-deferred label) t)
                      object)
                     (t (%resolve-labels object (make-hash-table :test #'eq)))))))))

(defun %sharp-sharp (stream sub-char argument)
  (declare (ignore sub-char))
  (cond (*read-suppress* nil)
        ((null argument) (%reader-error stream "## needs a number."))
        (t (let ((label (cdr (assoc argument *%read-labels*))))
             (cond ((null label) (%reader-error stream "The label #~D= is unknown." argument))
                   ((%label-defined label) (%label-value label))
                   (t (setf (%label-used label) t)
                      label))))))

(defun %resolve-template-labels (form)
  "FORM, which a template has become, with the labels in it replaced, unless other templates are around it. A template with circles
would have no end."
  (if (and (eql *%backquote-depth* 0)
           (find-if (lambda (entry) (%label-deferred (cdr entry))) *%read-labels*))
      (%resolve-labels form (make-hash-table :test #'eq))
      form))

(defun %resolve-labels (object seen)
  "OBJECT with every defined label in its parts replaced by what it stands for, in place."
  (cond ((and (%label-p object) (%label-defined object)) (%resolve-labels (%label-value object) seen))
        ((and (%comma-p object) (eql *%backquote-depth* 0))
         (%error "A label can't refer to a part of a backquoted form that contains a comma."))
        ((not (or (consp object) (%is instance object)
                  (and (arrayp object) (eq (array-element-type object) t))))
         object)
        ((gethash object seen) object)
        (t (setf (gethash object seen) t)
           (cond ((consp object) (%resolve-list object seen))
                 ((arrayp object)
                  (dotimes (i (array-total-size object))
                    (setf (row-major-aref object i) (%resolve-labels (row-major-aref object i) seen))))
                 ((%structure-class-p (%instance-class object))
                  (do ((i 2 (1+ i)))
                      ((>= i (%array-length instance object)))
                    (%array-set instance object i (%resolve-labels (%array-ref instance object i) seen)))))
           object)))

(defun %resolve-list (list seen)
  "The cdrs of LIST without recursion."
  (do ((cons list (cdr cons)))
      (nil)
    (setf (car cons) (%resolve-labels (car cons) seen))
    (let ((tail (cdr cons)))
      (cond ((and (consp tail) (not (gethash tail seen)))
             (setf (gethash tail seen) t))
            (t (unless (consp tail)
                 (setf (cdr cons) (%resolve-labels tail seen)))
               (return nil))))))

;;; The readtable of the standard, and the initial one.

(setq *%standard-readtable* (%make-readtable :upcase (%standard-syntax) (make-array 128 :initial-element nil) nil '()))
(setq *%standard-macros* (%install-standard-macros *%standard-readtable*))
(setq *readtable* (%copy-readtable *%standard-readtable* (%empty-readtable)))
