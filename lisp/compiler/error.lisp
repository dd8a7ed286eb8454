;;;; Why a form does not compile. Mirrors error.rs.

(in-package :clysm-compiler)

(defconstant +nesting-limit+ 4000
  "How deep forms may be nested, those that macros expand into included.")

(defconstant +code-limit+ 1000000
  "How many compound forms a toplevel form may have, those that macros expand into included.")

(defconstant +call-arguments-limit+ 8191
  "How many arguments a call may have: one less than the value of CALL-ARGUMENTS-LIMIT.")

(define-condition compile-failure (error)
  ((kind :initarg :kind :reader compile-failure-kind)
   (arguments :initarg :arguments :initform '() :reader compile-failure-arguments)
   (span :initarg :span :initform nil :reader compile-failure-span))
  (:documentation "A form that does not compile, and where.")
  (:report (lambda (condition stream)
             (write-string (failure-text (compile-failure-kind condition) (compile-failure-arguments condition))
                           stream))))

(defun compile-failure (kind &rest arguments)
  "Signals that the form being converted does not compile."
  (error 'compile-failure :kind kind
                          :arguments arguments
                          :span (and *converter* (converter-span *converter*))))

(defun failure-text (kind arguments)
  "What is wrong with a form, in words."
  (destructuring-bind (&optional first second third) arguments
    (ecase kind
      (:malformed (format nil "malformed ~A: ~A" first second))
      (:illegal-operator (format nil "~A is not a function name or a lambda expression" first))
      (:unknown-block (format nil "return-from ~A: no block of that name encloses it" first))
      (:unknown-tag (format nil "go ~A: no tag of that name encloses it" first))
      (:constant-assignment (format nil "~A is a constant and can't be assigned or bound" first))
      (:toplevel first)
      (:compile-time (format nil "~A: ~A" first second))
      (:arity (format nil "~A takes exactly ~D argument~:P, got ~D" first second third))
      (:primitive (format nil "primitive ~A: ~A" first second))
      (:nesting (format nil "forms are nested more than ~D levels deep; does a macro expand into a call of itself?"
                        +nesting-limit+))
      (:too-much-code (format nil "it has more than ~D forms, with those that macros expand into" +code-limit+))
      (:too-many-arguments (format nil "a call with ~D arguments, of which there may be ~D at most"
                                   first +call-arguments-limit+))
      (:not-yet-supported (format nil "not yet supported: ~A" first))
      (:internal (format nil "internal error: ~A" first)))))

(defun failure-code (kind)
  "The code of its diagnostic."
  (ecase kind
    (:malformed "malformed-form")
    (:illegal-operator "illegal-operator")
    (:unknown-block "unknown-block")
    (:unknown-tag "unknown-tag")
    (:constant-assignment "constant-assignment")
    (:toplevel "unhandled-condition")
    (:compile-time "compile-time-error")
    (:arity "wrong-argument-count")
    (:primitive "primitive-misuse")
    (:nesting "nesting")
    (:too-much-code "too-much-code")
    (:too-many-arguments "too-many-arguments")
    (:not-yet-supported "not-yet-supported")
    (:internal "internal-error")))
