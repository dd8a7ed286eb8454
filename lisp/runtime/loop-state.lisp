;;;; What the expander of extended LOOP (CLHS 6.1) is built on: the state of an expansion, tokens, types, variables.
;;;; The clauses are in loop-for.lisp, loop-accumulate.lisp and loop.lisp.

(in-package :clysm)

(defstruct (%loop (:constructor %make-loop (source)) (:copier nil) (:predicate nil))
  source                                ; the tokens not yet parsed
  (name nil)
  (groups '())                          ; binding groups, latest first: each (bindings . declarations), bound in parallel
  (wrappers '())                        ; functions from the body to the body wrapped, latest first
  (symbol-macros '())                   ; (INTO variable of a list clause, its expansion)
  (prologue '()) (first '()) (step '()) (body '()) (epilogue '()) ; forms, latest first
  (variables '())                       ; all variables bound
  (accumulators '())                    ; %accumulator records
  (boolean nil)                         ; ALWAYS, NEVER or THEREIS if it occurs
  (default-result nil))

(defvar *%loop*)

;;; Tokens. Keywords of LOOP are recognised by name, in any package; code here sees them as symbols of KEYWORD.

(defun %loop-keyword (token)
  "The symbol of KEYWORD with the name of TOKEN if that is a symbol whose name is some keyword's, else NIL."
  (if (and token (symbolp token))
      (values (find-symbol (symbol-name token) (symbol-package :for)))
      nil))

(defun %loop-more-p () (consp (%loop-source *%loop*)))

(defun %loop-peek ()
  "The next token as a keyword, or NIL if it is none or there is no more."
  (if (%loop-more-p) (%loop-keyword (car (%loop-source *%loop*))) nil))

(defun %loop-next ()
  "Takes the next token, which must be there."
  (unless (%loop-more-p) (%loop-error "The clauses end where more is needed"))
  (pop (%loop-source *%loop*)))

(defun %loop-take (&rest keywords)
  "Takes the next token if it is one of KEYWORDS; returns it as a keyword, or NIL."
  (let ((keyword (%loop-peek)))
    (if (and keyword (member keyword keywords :test #'eq))
        (progn (%loop-next) keyword)
        nil)))

(defun %loop-error (format-control &rest format-arguments)
  (let ((rest (%loop-source *%loop*)))
    (%program-error "LOOP: ~?~@[, before ~S~]." format-control format-arguments
                    (if rest (%first-tokens rest 4) nil))))

(defun %first-tokens (list n)
  (let ((result '()))
    (do ((rest list (cdr rest)) (i 0 (1+ i)))
        ((or (not (consp rest)) (>= i n)) (nreverse result))
      (push (car rest) result))))

(defun %loop-compound-forms ()
  "Takes compound forms as long as there are any; at least one."
  (unless (and (%loop-more-p) (consp (car (%loop-source *%loop*))))
    (%loop-error "A compound form is needed"))
  (let ((forms '()))
    (do ()
        ((not (and (%loop-more-p) (consp (car (%loop-source *%loop*))))) (nreverse forms))
      (push (%loop-next) forms))))

;;; Types.

(defun %loop-type ()
  "Takes a type specification if there is one: OF-TYPE and a type, or a simple type."
  (case (%loop-peek)
    (:of-type (%loop-next) (%loop-next))
    ((:fixnum :float :t :nil) (%loop-next))
    (t (if (and (%loop-more-p) (null (car (%loop-source *%loop*))))
           (progn (%loop-next) 't)
           't))))

(defun %type-head (type) (if (consp type) (car type) type))

(defun %loop-default (type)
  "What a variable of TYPE holds before it gets a value."
  (case (%type-head type)
    ((fixnum integer bit rational real number unsigned-byte signed-byte mod bignum) 0)
    ((float single-float short-float) 0f0)
    ((double-float long-float) 0d0)
    (t nil)))

(defun %loop-declarable-p (type)
  "True if the default of a variable of TYPE is of that type, as far as the expander knows."
  (and (%loop-default type) t))

(defun %declarations (variable type)
  (if (%loop-declarable-p type) (list `(type ,type ,variable)) '()))

;;; Variables. A pattern is a variable, NIL, or a tree of them; its type may be a tree of the same shape.

(defun %subtype (type part)
  "The part (CAR or CDR as a function) of the TYPE of a pattern; a type that is no tree is that of all parts."
  (if (consp type) (funcall part type) type))

(defun %pattern-variables (pattern type)
  "The variables of PATTERN with their types, as a list of (variable type)."
  (cond ((null pattern) '())
        ((symbolp pattern) (list (list pattern type)))
        ((consp pattern)
         (append (%pattern-variables (car pattern) (%subtype type #'car))
                 (%pattern-variables (cdr pattern) (%subtype type #'cdr))))
        (t (%loop-error "~S is no variable" pattern))))

(defun %check-variable (pattern)
  (when (or (eq pattern t) (keywordp pattern) (not (or (symbolp pattern) (consp pattern))))
    (%loop-error "~S is no variable" pattern))
  pattern)

(defun %claim-variable (variable)
  "Complains if VARIABLE is bound by the loop already."
  (when (member variable (%loop-variables *%loop*) :test #'eq)
    (%loop-error "The variable ~S is bound twice" variable))
  (push variable (%loop-variables *%loop*)))

(defun %bind-group (bindings declarations)
  "Adds variables that are bound in parallel after all earlier ones."
  (dolist (binding bindings) (%claim-variable (car binding)))
  (push (cons bindings declarations) (%loop-groups *%loop*)))

(defun %bind-one (variable form &optional (type 't))
  (%bind-group (list (list variable form)) (%declarations variable type)))

(defun %bind-pattern (pattern type)
  "Binds the variables of PATTERN to what they hold before they get a value."
  (let ((variables (%pattern-variables pattern type)))
    (when variables
      (%bind-group (mapcar (lambda (v) (list (car v) (%loop-default (cadr v)))) variables)
                   (mapcan (lambda (v) (%declarations (car v) (cadr v))) variables)))))

(defun %assign-forms (pattern form)
  "Forms that give the variables of PATTERN the parts of the value of FORM."
  (cond ((null pattern) (list form))
        ((symbolp pattern) (list `(setq ,pattern ,form)))
        (t (let ((value (gensym "VALUE")))
             (list `(let ((,value ,form))
                      ,@(and (car pattern) (%assign-forms (car pattern) `(car ,value)))
                      ,@(and (cdr pattern) (%assign-forms (cdr pattern) `(cdr ,value)))))))))

(defun %pattern-bindings (pattern form)
  "Bindings for LET* that give the variables of PATTERN the parts of the value of FORM."
  (cond ((null pattern) '())
        ((symbolp pattern) (list (list pattern form)))
        ((and (null (cdr pattern)) (not (consp (car pattern)))) (%pattern-bindings (car pattern) `(car ,form)))
        (t (let ((value (gensym "VALUE")))
             (cons (list value form)
                   (append (%pattern-bindings (car pattern) `(car ,value))
                           (%pattern-bindings (cdr pattern) `(cdr ,value))))))))
