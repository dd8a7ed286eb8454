;;;; Macro lambda lists (CLHS 3.4.4, 3.4.5): DEFMACRO, DESTRUCTURING-BIND, DEFTYPE and their kin become one LET*.

(in-package :clysm)

;;; Bodies.

(defun %parse-body (body documentation-allowed)
  "Splits BODY into three values: its forms, its DECLARE expressions and its documentation string or NIL."
  (let ((declarations nil) (documentation nil))
    (do () (nil)
      (let ((form (car body)))
        (cond ((and (consp form) (eq (car form) 'declare))
               (push form declarations))
              ((and documentation-allowed (%is string form) (null documentation) (cdr body))
               (setq documentation form))
              (t (return (values body (%nreverse-list declarations) documentation)))))
      (setq body (cdr body)))))

;;; Splitting a lambda list into its sections.

(defun %split-lambda-list (lambda-list)
  "Ten values: required, optional, rest-p, rest, key-p, keys, allow-other-keys, aux, whole, environment, each section as written.
PROGRAM-ERROR when a lambda list keyword is out of place."
  (let ((state 0)                       ; 0 required 1 optional 2 after rest 3 key 4 after allow-other-keys 5 aux
        (required nil) (optional nil) (rest-p nil) (rest nil) (key-p nil) (keys nil)
        (allow nil) (aux nil) (whole nil) (environment nil)
        (tail lambda-list))
    (flet ((enter (new-state keyword)
             (unless (< state new-state)
               (%program-error "~S is misplaced in the lambda list ~S" keyword lambda-list))
             (setq state new-state))
           (next-variable (keyword)
             (unless (consp (cdr tail))
               (%program-error "A variable is missing after ~S in the lambda list ~S" keyword lambda-list))
             (setq tail (cdr tail))
             (car tail)))
      (do () ((not (consp tail)))
        (let ((item (car tail)))
          (cond ((eq item '&whole)
                 (unless (eq tail lambda-list)
                   (%program-error "~S is misplaced in the lambda list ~S" item lambda-list))
                 (setq whole (next-variable item)))
                ((eq item '&environment)
                 (when environment
                   (%program-error "~S occurs twice in the lambda list ~S" item lambda-list))
                 (setq environment (next-variable item)))
                ((eq item '&optional) (enter 1 item))
                ((or (eq item '&rest) (eq item '&body))
                 (enter 2 item)
                 (setq rest-p t
                       rest (next-variable item)))
                ((eq item '&key)
                 (enter 3 item)
                 (setq key-p t))
                ((eq item '&allow-other-keys)
                 (unless (eq state 3)
                   (%program-error "~S is misplaced in the lambda list ~S" item lambda-list))
                 (enter 4 item)
                 (setq allow t))
                ((eq item '&aux) (enter 5 item))
                ((eq state 0) (push item required))
                ((eq state 1) (push item optional))
                ((eq state 3) (push item keys))
                ((eq state 5) (push item aux))
                (t (%program-error "~S is misplaced in the lambda list ~S" item lambda-list))))
        (setq tail (cdr tail)))
      (when tail
        (enter 2 '&rest)
        (setq rest-p t
              rest tail)))
    (values (%nreverse-list required) (%nreverse-list optional) rest-p rest key-p (%nreverse-list keys)
            allow (%nreverse-list aux) whole environment)))

;;; What an expansion does when it runs.

(defun %argument-error (arguments name)
  "Signals that ARGUMENTS do not match the lambda list of NAME."
  (%program-error "The arguments ~S do not match the lambda list of ~S" arguments name))

(defun %check-arguments (arguments minimum maximum name)
  "Returns ARGUMENTS when they are a list of MINIMUM to MAXIMUM elements. When MAXIMUM is NIL anything may follow."
  (let ((count 0))
    (do ((tail arguments (cdr tail)))
        ((not (consp tail))
         (when (or (< count minimum)
                   (and tail maximum))
           (%argument-error arguments name)))
      (setq count (1+ count))
      (if maximum
          (when (< maximum count)
            (%argument-error arguments name))
          (when (<= minimum count)
            (return nil))))
    arguments))

(defun %key-cell (arguments key)
  "The tail of the keyword list ARGUMENTS that starts with KEY, or NIL."
  (do ((tail arguments (cdr (cdr tail))))
      ((null tail) nil)
    (when (eq (car tail) key)
      (return tail))))

(defun %check-keywords (arguments keys allow name)
  "Returns the keyword list ARGUMENTS when its length is even and, unless others are allowed, its keywords are all among KEYS."
  (do ((tail arguments (cdr (cdr tail))))
      ((null tail))
    (unless (and (consp tail) (consp (cdr tail)))
      (%argument-error arguments name)))
  (unless (or allow (car (cdr (%key-cell arguments :allow-other-keys))))
    (do ((tail arguments (cdr (cdr tail))))
        ((null tail))
      (unless (or (%memq (car tail) keys) (eq (car tail) :allow-other-keys))
        (%program-error "~S is no keyword of ~S, which knows ~S" (car tail) name keys))))
  arguments)

;;; Bindings.

(defun %keyword (symbol)
  "The keyword with the name of SYMBOL."
  (%keyword-named (%get symbol name symbol)))

(defun %check-parameter (variable)
  (unless (symbolp variable)
    (%program-error "~S is no variable" variable))
  variable)

(defun %key-parameter-name (parameter)
  "Two values for the &KEY parameter spec PARAMETER: its keyword and its variable or pattern."
  (let ((variable (if (consp parameter) (car parameter) parameter)))
    (if (and (consp parameter) (consp variable))
        (values (car variable) (car (cdr variable)))
        (values (%keyword variable) variable))))

(defun %optional-parts (parameter default)
  "Three values for the rest of an &OPTIONAL or &KEY spec: the initial form, the supplied-p variable, whether there is one."
  (if (consp parameter)
      (values (if (consp (cdr parameter)) (car (cdr parameter)) default)
              (car (cdr (cdr parameter)))
              (if (cdr (cdr parameter)) t nil))
      (values default nil nil)))

;;; Every list level of a pattern is a run of bindings of a cursor:
;;; (c (%check-arguments ...)) (a (car c)) (c2 (cdr c)) (b (car c2)).

(defun %destructuring-bindings (pattern source arguments name default environment)
  "The LET* bindings that take the form ARGUMENTS apart as the lambda list PATTERN says, for the macro or operator NAME.
SOURCE is the variable that &WHOLE stands for at the top, ENVIRONMENT the one for &ENVIRONMENT or NIL where that is not allowed, and
DEFAULT the initial form of parameters without one. Second value: the temporary variables among the bindings."
  (let ((bindings nil) (temporaries nil))
    (labels ((bind (variable value)
               (push (list (%check-parameter variable) value) bindings))
             (temporary (value)
               (let ((variable (gensym)))
                 (push variable temporaries)
                 (bind variable value)
                 variable))
             (bind-target (target value)
               (if (listp target)
                   (let ((part (temporary value)))
                     (bind-level target part part nil))
                   (bind target value)))
             (bind-parameter (target parameter cell value)
               (multiple-value-bind (initial supplied supplied-p) (%optional-parts parameter default)
                 (bind-target target `(if ,cell ,value ,initial))
                 (when supplied-p
                   (bind supplied `(if ,cell t nil)))))
             (bind-keys (keys cursor allow)
               (let ((checked (temporary `(%check-keywords ,cursor ',(mapcar #'%key-parameter-name keys) ,allow ',name))))
                 (dolist (parameter keys)
                   (multiple-value-bind (keyword target) (%key-parameter-name parameter)
                     (let ((cell (temporary `(%key-cell ,checked ',keyword))))
                       (bind-parameter target parameter cell `(car (cdr ,cell))))))))
             (bind-level (pattern source arguments environment)
               (multiple-value-bind (required optional rest-p rest key-p keys allow aux whole environment-variable)
                   (%split-lambda-list pattern)
                 (when whole
                   (bind-target whole source))
                 (when environment-variable
                   (unless environment
                     (%program-error "&ENVIRONMENT is not allowed in ~S" pattern))
                   (bind environment-variable environment))
                 (let* ((minimum (%list-length required))
                        (maximum (if (or rest-p key-p) nil (+ minimum (%list-length optional))))
                        (cursor (temporary `(%check-arguments ,arguments ,minimum ,maximum ',name))))
                   (dolist (target required)
                     (bind-target target `(car ,cursor))
                     (setq cursor (temporary `(cdr ,cursor))))
                   (dolist (parameter optional)
                     (bind-parameter (if (consp parameter) (car parameter) parameter) parameter cursor `(car ,cursor))
                     (setq cursor (temporary `(cdr ,cursor))))
                   (when rest-p
                     (bind-target rest cursor))
                   (when key-p
                     (bind-keys keys cursor allow)))
                 (dolist (parameter aux)
                   (if (consp parameter)
                       (bind (car parameter) (car (cdr parameter)))
                       (bind parameter nil))))))
      (bind-level pattern source arguments environment))
    (values (%nreverse-list bindings) temporaries)))

(defun %parse-macro (name lambda-list body &optional environment)
  "The lambda expression of the macro function of NAME: it takes a form and an environment."
  (declare (ignore environment))
  (%expander-lambda name lambda-list body '(cdr) nil))

(defun %parse-compiler-macro (name lambda-list body)
  "The lambda expression of a compiler macro function, which also takes forms (FUNCALL #'NAME ...)."
  (%expander-lambda name lambda-list body '(%compiler-macro-arguments) nil))

(defun %parse-deftype (name lambda-list body)
  "The lambda expression of a type expander: a missing argument is *."
  (%expander-lambda name lambda-list body '(%type-arguments) ''*))

(defun %compiler-macro-arguments (form)
  (if (and (eq (car form) 'funcall) (consp (cdr form)))
      (cdr (cdr form))
      (cdr form)))

(defun %type-arguments (specifier)
  (if (consp specifier) (cdr specifier) nil))

(defun %expander-lambda (name lambda-list body accessor default)
  "A lambda expression of a form and an environment with BODY in a block called for NAME, the parameters bound to the parts of
(ACCESSOR form)."
  (let ((form (gensym)) (environment (gensym)))
    (multiple-value-bind (bindings temporaries)
        (%destructuring-bindings lambda-list form `(,@accessor ,form) name default environment)
      (multiple-value-bind (forms declarations) (%parse-body body t)
        `(lambda (,form ,environment)
           (declare (ignorable ,form ,environment))
           (let* ,bindings
             (declare (ignorable ,@temporaries))
             ,@declarations
             (block ,(%block-name name) ,@forms)))))))

(defun %destructuring-form (lambda-list expression body)
  "The expansion of DESTRUCTURING-BIND (CLHS 5.3)."
  (let ((source (gensym)))
    (multiple-value-bind (bindings temporaries)
        (%destructuring-bindings lambda-list source source 'destructuring-bind nil nil)
      (multiple-value-bind (forms declarations) (%parse-body body nil)
        `(let* ((,source ,expression) ,@bindings)
           (declare (ignorable ,source ,@temporaries))
           ,@declarations
           ,@forms)))))
