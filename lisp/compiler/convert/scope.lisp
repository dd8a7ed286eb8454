;;;; The lexical environment during conversion. Each namespace is a list of (NAME . BINDING), the innermost binding first.
;;;;
;;;; What a name means as a variable is (:lexical VARIABLE), (:special) where references are dynamic, or (:symbol-macro EXPANSION);
;;;; as an operator, (:function FUNCTION) for a function of FLET or LABELS, or (:macro EXPANDER) for a macro of MACROLET.

(in-package :clysm-compiler)

(defstruct (scope (:constructor make-scope ()) (:predicate nil))
  "The lexical environment."
  (variables '())
  (operators '())
  (blocks '())                          ; (NAME . BLOCK)
  (tags '())                            ; (TAG TAGBODY SEGMENT); tags are symbols or integers
  (inlining '()))                       ; (NAME . INLINE-P): global functions declared INLINE or NOTINLINE

(defvar *scope* nil
  "The lexical environment of the form that is being converted.")

(defmacro with-inner-scope (&body body)
  "Runs BODY in a scope of its own: what it binds is bound within it only."
  `(let ((*scope* (copy-scope *scope*)))
     ,@body))

(defun scope-bind-variable (name &rest binding)
  (push (cons name binding) (scope-variables *scope*)))

(defun scope-bind-operator (name &rest binding)
  (push (cons name binding) (scope-operators *scope*)))

(defun scope-bind-block (name block)
  (push (cons name block) (scope-blocks *scope*)))

(defun scope-bind-tag (tag tagbody segment)
  (push (list tag tagbody segment) (scope-tags *scope*)))

(defun scope-declare-inline (name inline-p)
  (push (cons name inline-p) (scope-inlining *scope*)))

(defun convert-variable-binding (name)
  "What NAME means as a variable, or NIL if nothing binds it here."
  (cdr (assoc name (scope-variables *scope*) :test #'eq)))

(defun convert-operator-binding (name)
  "What NAME means as an operator, or NIL if nothing binds it here."
  (cdr (assoc name (scope-operators *scope*) :test #'eq)))

(defun scope-block (name)
  "The innermost block of that name, or NIL."
  (cdr (assoc name (scope-blocks *scope*) :test #'eq)))

(defun scope-tag (tag)
  "The innermost tagbody with that tag and the number of the tag's segment, a list, or NIL."
  (cdr (assoc tag (scope-tags *scope*) :test #'eql)))
