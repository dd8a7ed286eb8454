;;;; Function calls.

(in-package :clysm-compiler)

(defun convert-global-call (name form)
  "A call of the global function NAME."
  (convert-check-supported name)
  (let ((operands (convert-operands form 0 nil)))
    (cond ((eq name 'values)
           (let ((nodes (convert-arguments operands)))
             (make-values-node :span (converter-span *converter*) :nodes nodes)))
          ((and (eq name 'funcall) operands)
           (convert-funcall operands))
          (t (let ((arguments (convert-arguments operands)))
               (convert-check-argument-types name form arguments)
               (if (and (eql (length arguments) 3) (comparison-p name))
                   (convert-chained-comparison name arguments)
                   (convert-call-global name arguments)))))))

(defun convert-arguments (operands)
  (when (> (length operands) +call-arguments-limit+)
    (compile-failure :too-many-arguments (length operands)))
  (mapcar #'convert-form operands))

(defun convert-check-supported (name)
  "Refuses standard operators that are not there. While the library is being made, they may come yet."
  (when (and (context-library-is-complete *context*)
             (eq (facts-operator (world-facts name)) :unknown)
             (eq (symbol-package (or (setf-base name) name)) (load-time-value (find-package "COMMON-LISP")))
             (not (fboundp name)))
    (compile-failure :not-yet-supported (qualified-name name))))

(defun comparison-p (name)
  "Whether NAME is that of a comparison of numbers."
  (case name
    ((< <= > >= =) (not (convert-notinline-p name)))
    (t nil)))

(defun convert-notinline-p (name)
  "Whether the global function NAME is NOTINLINE here: by the innermost declaration, or else by proclamation."
  (let ((declared (assoc name (scope-inlining *scope*) :test #'eq)))
    (if declared
        (not (cdr declared))
        (facts-notinline (world-facts name)))))

(defun convert-chained-comparison (name arguments)
  "(< A B C) as two comparisons, after all three arguments were evaluated."
  (let ((variables (mapcar (lambda (argument)
                             (declare (ignore argument))
                             (convert-temporary "number"))
                           arguments)))
    (flet ((compare (left right)
             (let* ((left (convert-read-local left))
                    (right (convert-read-local right)))
               (convert-call-global name (list left right)))))
      (destructuring-bind (one two three) variables
        (let* ((first (compare one two))
               (second (compare two three)))
          (convert-let-node (mapcar #'cons variables arguments)
                            (convert-if-node first second (node-nil))))))))

(defun convert-call-global (name arguments)
  "A call of a global function by its symbol."
  (check-arity name (length arguments))
  (convert-note-call name arguments)
  (make-call-node :span (converter-span *converter*)
                  :callee (list (if (convert-notinline-p name) :notinline :global) name)
                  :arguments arguments))

(defun convert-call-system (name &rest arguments)
  "A call of an internal function of the library."
  (convert-call-global name arguments))

(defun convert-funcall (operands)
  "(FUNCALL #'NAME ...) is an ordinary call."
  (let* ((function (convert-form (first operands)))
         (arguments (convert-arguments (rest operands))))
    (if (global-function-node-p function)
        (convert-call-global (global-function-node-symbol function) arguments)
        (convert-call-computed function arguments))))

(defun convert-call-computed (function arguments)
  (make-call-node :span (converter-span *converter*) :callee (list :computed function) :arguments arguments))

(defun convert-local-call (function form)
  "A call of a function of FLET or LABELS."
  (convert-local-call-node function (convert-arguments (convert-operands form 0 nil))))

(defun convert-local-call-node (function arguments)
  (convert-note-local-call function arguments)
  (convert-mark-holder function)
  (make-call-node :span (converter-span *converter*) :callee (list :local function) :arguments arguments))

(defun convert-lambda-call (form operator)
  "((LAMBDA ...) ARGUMENT ...)"
  (unless (and (consp operator) (eq (car operator) 'lambda))
    (compile-failure :illegal-operator (prin1-to-string operator)))
  (let ((function (convert-closure nil (cdr operator) nil)))
    (convert-call-computed function (convert-arguments (convert-operands form 0 nil)))))
