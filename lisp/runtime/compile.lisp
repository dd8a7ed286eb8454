;;;; Compilation as programs ask for it (CLHS 3.8 COMPILE, CONSTANTP).

(in-package :clysm)

(defun constantp (form &optional environment)
  (declare (ignore environment))
  (cond ((symbolp form) (%constant-variable-p form))
        ((atom form) t)
        (t (eq (car form) 'quote))))

;; A global function that the evaluator defines keeps its lambda expression, so that it can be compiled.
(define-evaluator %defun (form env frame exits)
  (let ((call (%global-call '%defun form env frame))
        (name (second form))
        (function (third form)))
    (if (and (null env)
             (consp name) (eq (first name) 'quote)
             (consp function) (eq (first function) 'function)
             (consp (second function)))
        (%node (f)
          (prog1 (%run call f)
            (%keep-source (second name) (second function))))
        call)))

(defun %keep-source (name expression)
  (let ((symbol (%function-name-symbol name)))
    (%set-info symbol :source (cons (%get symbol function symbol) expression))))

(defun %kept-source (function)
  "The lambda expression of FUNCTION, or NIL."
  (let* ((name (%get function name function))
         (kept (and (%function-name-p name) (%info (%function-name-symbol name) :source))))
    (if (eq (car kept) function) (cdr kept) nil)))

(defun function-lambda-expression (function)
  (unless (functionp function)
    (%type-error function 'function))
  (let ((source (%kept-source function)))
    (values source (null source) (%public-name (%written-name (%get function name function))))))

;;; COMPILE

(defglobal *%compiled* nil)             ; where compiled code leaves a function

(defun %note-compiled (function)
  (setq *%compiled* function))

(define-condition %simple-style-warning (simple-condition style-warning) ())

(defun %signal-compiler-notes (notes)
  "Signals what the compiler said, a list of (KIND . TEXT). Returns the last two values of COMPILE."
  (let ((failure-p nil))
    (dolist (note notes)
      (case (car note)
        (:style-warning (warn '%simple-style-warning :format-control "~A" :format-arguments (list (cdr note))))
        (t (setq failure-p t)
           (warn 'simple-warning :format-control "~A" :format-arguments (list (cdr note))))))
    (values (if notes t nil) failure-p)))

(defun %with-same-literals (form)
  "A copy of FORM in which quoted objects, and arrays, are sent by handle: compiled code must have these very objects."
  (cond ((atom form)
         (if (arrayp form) (cons *%by-handle* form) form))
        ((and (eq (car form) 'quote) (consp (cdr form)) (null (cddr form)))
         (let ((object (cadr form)))
           (if (typep object '(or cons array))
               (list 'quote (cons *%by-handle* object))
               form)))
        (t (cons (%with-same-literals (car form)) (%with-same-literals (cdr form))))))

(defun %ask-compiler (operation &rest operands)
  "What the host's compiler answers, or NIL if it isn't asked: where the host does not grant that, and once preludes are sealed."
  (if *%sealed*
      nil
      (%ask-host (lambda (request) (%code.compile request))
                 (list* (%take-facts) operation operands))))

(defun %compiled-lambda (expression)
  "The function of a lambda expression, compiled where the host grants that, else evaluated; and the last two values of COMPILE.
Once preludes are sealed it is evaluated: the compiler would take primitives, which check nothing, in what a program puts together."
  (let ((answer (%ask-compiler :compile (%with-same-literals expression))))
    (if (null answer)
        (values (eval (list 'function expression)) nil nil)
        (multiple-value-bind (warnings-p failure-p) (%signal-compiler-notes (cdr answer))
          (values (or (shiftf *%compiled* nil)
                      (%failing-function (cdr (first (last answer)))))
                  warnings-p failure-p)))))

(defun %failing-function (text)
  "The function of code that does not compile."
  (lambda (&rest arguments)
    (declare (ignore arguments))
    (%program-error "~A" text)))

(defun %compiled-definition (definition)
  "The same for whatever COMPILE takes as a definition."
  (cond ((functionp definition)
         (let ((source (and (%evaluated-function-p definition) (%kept-source definition))))
           (if source
               (%compiled-lambda source)
               (values definition nil nil))))
        ((and (consp definition) (eq (car definition) 'lambda))
         (%compiled-lambda definition))
        (t (%type-error definition '(or function (cons (eql lambda)))))))

(defun %definition-to-compile (name)
  (cond ((and (symbolp name) (macro-function name)))
        ((fboundp name) (fdefinition name))
        (t (%undefined-function name))))

(defun compile (name &optional (definition nil definition-p))
  (multiple-value-bind (function warnings-p failure-p)
      (%compiled-definition (if definition-p definition (%definition-to-compile name)))
    (cond ((null name) (values function warnings-p failure-p))
          (t (if (and (symbolp name) (macro-function name))
                 (setf (macro-function name) function)
                 (setf (fdefinition name) function))
             (values name warnings-p failure-p)))))
