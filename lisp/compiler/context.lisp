;;;; What a compilation works with: the global environment, the places of forms, and who takes over what is compiled. Mirrors
;;;; context.rs. Symbols, packages and macros are those of the running image.

(in-package :clysm-compiler)

;;; Places
;;;
;;; The place of a form, its span, is (START . END), offsets in its text, or NIL if it is not known.

(defvar *spans* (make-hash-table :test #'eq)
  "The spans of the conses that were read.")

(defun span-of (form)
  (values (gethash form *spans*)))

(defun (setf span-of) (span form)
  (setf (gethash form *spans*) span))

(defun copy-without-spans (form)
  "FORM with its conses copied. What is evaluated at compile time may end up in expansions: those take the places of the calls."
  (let ((copies (make-hash-table :test #'eq)))
    (labels ((copy (object)
               (if (consp object)
                   (or (gethash object copies) (copy-list-at object))
                   object))
             ;; Along the list without recursion.
             (copy-list-at (list)
               (let* ((head (note-copy list))
                      (last head))
                 (loop
                   (setf (car last) (copy (car list)))
                   (setq list (cdr list))
                   (when (or (atom list) (gethash list copies))
                     (setf (cdr last) (copy list))
                     (return head))
                   (setq last (setf (cdr last) (note-copy list))))))
             (note-copy (cons)
               (setf (gethash cons copies) (list nil))))
      (copy form))))

;;; The host

(defstruct (host (:copier nil))
  "Who takes over what is compiled."
  evaluate                              ; a function that evaluates a form for its compile-time effect
  accept                                ; a function that takes over a converted toplevel form
  (loads-source nil)                    ; whether the forms are evaluated as they come, or compiled for later
  (library-p nil)                       ; whether the forms are the library's, whose definitions record no docstrings
  (follows-packages nil))               ; whether what forms do to packages is the image's business alone

(defvar *host* nil
  "The host of the compilation under way.")

;;; Converted forms

(defstruct (call-site (:copier nil))
  "A call of a function, to be checked."
  function
  count                                 ; the number of arguments, or NIL for a reference with FUNCTION
  keywords                              ; for each argument the literal keyword that it is, or NIL; empty when none is
  span)

(defstruct (variable-use (:copier nil))
  "A use of a variable that is neither bound nor known."
  name
  span)

(defstruct top-form
  "A converted toplevel form."
  kind                                  ; what it is to the linker, see module/unit.lisp
  ast
  (calls '())                           ; the calls of global functions in it
  (free-variables '())                  ; the variables in it that were not known when it was converted
  (span nil))

;;; The context

(defstruct (context (:constructor make-context ()))
  "The state of a compilation."
  (world (make-world))
  (named-imports '())                   ; the named host imports so far, (MODULE . NAME); their position is their number
  (library-is-complete nil)             ; whether the whole library is known: what it does not define then is not supported
  (diagnostics '())                     ; warnings and errors so far, the last one first
  (unit (make-compilation-unit))        ; what is left to check at the end of the compilation unit
  (counter 0)                           ; of the compiler's own variables
  (nesting 0)                           ; how many forms enclose the one that is converted
  (converted 0 :type fixnum))           ; how many compound forms the toplevel form has had so far

(defvar *context* nil
  "The state of the compilation under way.")

(defun copy-compilation-context (context)
  "A context that may change on its own, from the same state."
  (let ((copy (copy-context context)))
    (setf (context-world copy) (copy-world (context-world context))
          (context-unit copy) (make-compilation-unit))
    copy))

(defun context-gensym (prefix)
  "A symbol in no package, for a variable of the compiler's own."
  (make-symbol (format nil "~A~D" prefix (incf (context-counter *context*)))))

(defun context-named-import (import)
  "The number of a named import."
  (or (position import (context-named-imports *context*) :test #'equal)
      (prog1 (length (context-named-imports *context*))
        (setf (context-named-imports *context*) (append (context-named-imports *context*) (list import))))))

(defmacro with-nesting ((span) &body body)
  "The value of BODY, which converts a form at SPAN within others, unless there are too many of them. Where a form does not compile,
COMPILE-TOPLEVEL counts anew."
  `(progn
     (enter-form ,span)
     (prog1 (progn ,@body)
       (decf (context-nesting *context*)))))

(defun enter-form (span)
  (when (> (incf (context-converted *context*)) +code-limit+)
    (error 'compile-failure :kind :too-much-code :span span))
  (when (>= (context-nesting *context*) +nesting-limit+)
    (error 'compile-failure :kind :nesting :span span))
  (incf (context-nesting *context*)))

(defun note-diagnostic (diagnostic)
  "Keeps a warning or an error, unless there is none."
  (when diagnostic
    (push diagnostic (context-diagnostics *context*))))

(defun noted-diagnostics ()
  "What was noted, in order."
  (reverse (context-diagnostics *context*)))

(defun forget-diagnostics ()
  (setf (context-diagnostics *context*) '()))

(defun failure-diagnostic (failure)
  "The diagnostic of a form that does not compile."
  (diagnostic-at (error-diagnostic (failure-code (compile-failure-kind failure)) (princ-to-string failure))
                 (compile-failure-span failure)
                 ""))
