;;;; DESCRIBE, INSPECT and TRACE (CLHS 25.1.2).

(in-package :clysm)

(defun %describe-line (stream label value)
  (format stream "~&  ~A: ~S~%" label value))

(defun %describe-documentation (stream name type)
  (let ((text (%documentation name type)))
    (when text (format stream "~&  Documentation of the ~(~A~): ~A~%" type text))))

(defun %describe-symbol (symbol stream)
  (%describe-line stream "package" (symbol-package symbol))
  (when (boundp symbol)
    (%describe-line stream (if (constantp symbol) "constant value" "value") (symbol-value symbol)))
  (cond ((special-operator-p symbol) (format stream "~&  It is a special operator.~%"))
        ((macro-function symbol) (%describe-line stream "macro function" (macro-function symbol)))
        ((fboundp symbol) (%describe-line stream "function" (fdefinition symbol))))
  (when (find-class symbol nil) (%describe-line stream "class" (find-class symbol)))
  (when (symbol-plist symbol) (%describe-line stream "property list" (symbol-plist symbol)))
  (dolist (type '(function variable type))
    (%describe-documentation stream symbol type)))

(defun %describe-instance (instance stream)
  (let ((index 1))
    (dolist (name (%structure-slot-names (%instance-class instance)))
      (setq index (+ index 1))
      (%describe-line stream name (%array-ref instance instance index)))))

(defun %describe-array (array stream)
  (%describe-line stream "element type" (array-element-type array))
  (%describe-line stream "dimensions" (array-dimensions array))
  (when (array-has-fill-pointer-p array)
    (%describe-line stream "fill pointer" (fill-pointer array)))
  (when (adjustable-array-p array)
    (format stream "~&  It is adjustable.~%")))

(defun %describe-hash-table (table stream)
  (%describe-line stream "test" (hash-table-test table))
  (%describe-line stream "count" (hash-table-count table)))

(defun describe-object (object stream)
  (format stream "~&~S~%  type: ~S~%" object (type-of object))
  (cond ((symbolp object) (%describe-symbol object stream))
        ((hash-table-p object) (%describe-hash-table object stream))
        ((arrayp object) (%describe-array object stream))
        ((functionp object)
         (%describe-line stream "name" (%written-name (%get function name object))))
        ((characterp object)
         (%describe-line stream "code" (char-code object))
         (%describe-line stream "name" (char-name object)))
        ((packagep object)
         (%describe-line stream "name" (package-name object))
         (%describe-line stream "nicknames" (package-nicknames object))
         (%describe-line stream "uses" (package-use-list object)))
        ((and (%is instance object) (%structure-class-p (%instance-class object)))
         (%describe-instance object stream)))
  (values))

(defun describe (object &optional stream)
  (describe-object object (%output-stream stream))
  (values))

(defun inspect (object)
  (describe-object object *standard-output*)
  (values))

;;; TRACE: the function cell of a traced name holds a wrapper of the function.

(defglobal *traced* '())    ; list of (name function wrapper)
(defvar *trace-depth* 0)

(defun %trace-prefix ()
  (format *trace-output* "~&~V@T~D: " (* 2 *trace-depth*) *trace-depth*))

(defun %traced-call (name function arguments)
  (%trace-prefix)
  (format *trace-output* "~S~%" (cons name arguments))
  (let ((values (multiple-value-list
                 (let ((*trace-depth* (+ *trace-depth* 1)))
                   (apply function arguments)))))
    (%trace-prefix)
    (format *trace-output* "~S returned~{ ~S~^,~}~%" name values)
    (values-list values)))

(defun %trace-one (name)
  (%check-lock :trace name)
  (unless (assoc name *traced* :test #'equal)
    (when (and (symbolp name) (or (macro-function name) (special-operator-p name)))
      (%error "~S is not a function and can't be traced." name))
    (let* ((function (fdefinition name))
           (wrapper (lambda (&rest arguments) (%traced-call name function arguments))))
      (setf (fdefinition name) wrapper)
      (push (list name function wrapper) *traced*))))

(defun %trace (names)
  (dolist (name names) (%trace-one name))
  (if names names (mapcar #'first *traced*)))

(defun %untrace (names)
  "Stops tracing NAMES, all when there are none.  What was defined anew meanwhile stays."
  (dolist (entry (copy-list *traced*))
    (destructuring-bind (name function wrapper) entry
      (when (or (null names) (member name names :test #'equal))
        (when (and (fboundp name) (eq (fdefinition name) wrapper))
          (setf (fdefinition name) function))
        (setq *traced* (remove entry *traced*)))))
  (or names t))

(defmacro trace (&rest names)
  `(%trace ',names))

(defmacro untrace (&rest names)
  `(%untrace ',names))
