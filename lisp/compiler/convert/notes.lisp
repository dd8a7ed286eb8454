;;;; What a conversion notes for the checks of checks.lisp, and the checks of local names.

(in-package :clysm-compiler)

(defstruct (notes (:constructor make-notes ()) (:copier nil) (:predicate nil))
  "What was noted so far; of each kind the last one first."
  (calls '())                           ; call sites of global functions
  (free-variables '())                  ; uses of variables that are not known
  (local-calls '())                     ; (FUNCTION . CALL-SITE)
  (local-functions '())                 ; (FUNCTION . SPAN): where local functions are defined
  (variables '()))                      ; the lexical variables of the program

(defstruct (noted-variable (:constructor make-noted-variable (variable ignore form span)) (:copier nil) (:predicate nil))
  "A lexical variable that the program, and not the compiler, binds."
  variable
  ignore                                ; what is declared of its use
  form                                  ; the form that binds it
  span)

(defun convert-note-call (function arguments)
  "Notes a call of the global FUNCTION."
  (push (call-site function arguments) (notes-calls (converter-notes *converter*))))

(defun convert-note-local-call (function arguments)
  "Notes a call of a local FUNCTION."
  (let ((name (lambda-function-name function)))
    (when name
      (push (cons function (call-site name arguments))
            (notes-local-calls (converter-notes *converter*))))))

(defun call-site (function arguments)
  (make-call-site :function function
                  :count (length arguments)
                  :keywords (if (some #'literal-keyword arguments) (mapcar #'literal-keyword arguments) '())
                  :span (converter-span *converter*)))

(defun literal-keyword (node)
  "The keyword that NODE is, if it is one."
  (and (literal-node-p node)
       (let ((value (ast-literal-value (literal-node-literal node))))
         (if (keywordp value) value nil))))

(defun convert-note-reference (function)
  "Notes a reference to the global FUNCTION that is no call."
  (push (make-call-site :function function :count nil :keywords '() :span (converter-span *converter*))
        (notes-calls (converter-notes *converter*))))

(defun convert-note-local-function (function span)
  (push (cons function span) (notes-local-functions (converter-notes *converter*))))

(defun convert-note-free-variable (name)
  (push (make-variable-use :name name
                           :span (or (occurrence (converter-enclosing *converter*) name)
                                     (converter-span *converter*)))
        (notes-free-variables (converter-notes *converter*))))

(defun convert-note-variable (variable name declared)
  "Notes a VARIABLE that the enclosing form binds."
  (let ((ignore (declarations-ignore declared name)))
    ;; Names in no package come from macros.
    (unless (or (eq ignore :maybe) (null (symbol-package name)))
      (push (make-noted-variable variable ignore (converter-enclosing *converter*) (converter-span *converter*))
            (notes-variables (converter-notes *converter*))))))

(defun convert-check-local-names ()
  "Checks what is local to the finished form."
  (let* ((notes (converter-notes *converter*))
         (variables (mapcar #'check-noted-variable (reverse (notes-variables notes))))
         (calls (mapcar (lambda (entry) (check-local-call entry notes)) (reverse (notes-local-calls notes)))))
    (dolist (warning (sort-diagnostics (remove nil (nconc variables calls))))
      (note-diagnostic warning))))

(defun check-local-call (entry notes)
  "The warning of what is wrong with a noted call of a local function, or NIL."
  (destructuring-bind (function . call) entry
    (let ((definition (assoc function (notes-local-functions notes) :test #'eq)))
      (and definition
           (check-call call (make-parameter-signature (lambda-function-parameters function) nil (cdr definition)))))))

(defun check-noted-variable (noted)
  "The warning of a variable that is not used as its declarations say, or NIL."
  (let* ((variable (noted-variable-variable noted))
         (ignore (noted-variable-ignore noted))
         (read-p (plusp (variable-info-reads variable)))
         (span (noted-variable-span noted)))
    (flet ((warn-of (code title hint)
             (let ((name (variable-info-name variable)))
               (diagnostic-help
                (diagnostic-at (style-warning-diagnostic code (format nil title (qualified-name name)))
                               (or (occurrence (noted-variable-form noted) name) span)
                               "")
                (format nil hint (qualified-name name))))))
      (cond ((and (eq ignore :no) (not read-p) (not (variable-info-assigned variable)))
             (warn-of "unused-variable"
                      "the variable ~A is never used"
                      "remove it, or declare it with (declare (ignore ~A))"))
            ((and (eq ignore :yes) read-p)
             (warn-of "ignored-variable"
                      "the variable ~A is read, but declared to be ignored"
                      "declare it with (declare (ignorable ~A)), or not at all"))
            (t nil)))))
