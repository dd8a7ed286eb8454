;;;; The standard macros for definitions, conditionals, blocks and multiple values (CLHS 3.8, 5.3, 7.5).
;;;; Iteration is in iteration.lisp, places are in setf.lisp.

(in-package :clysm)

;;; Definitions.

(defmacro defmacro (name lambda-list &body body)
  (multiple-value-bind (forms declarations documentation) (%parse-body body t)
    (declare (ignore forms declarations))
    `(progn
       (eval-when (:compile-toplevel :load-toplevel :execute)
         (%defmacro ',name ,(%parse-macro name lambda-list body))
         ,@(%documentation-forms name 'function documentation))
       ',name)))

(defun %documentation-forms (name type documentation)
  "A list of the form that records DOCUMENTATION; empty when there is none."
  (if documentation
      `((%set-documentation ',name ',type ,documentation))
      nil))

(defun %named-function (name lambda-list body)
  "A FUNCTION form for the global function NAME, its body in the block that DEFUN promises."
  (multiple-value-bind (forms declarations) (%parse-body body t)
    `(function (lambda ,lambda-list
       ,@declarations
       (block ,(%block-name name) ,@forms)))))

(defmacro defun (name lambda-list &body body)
  (multiple-value-bind (forms declarations documentation) (%parse-body body t)
    (declare (ignore forms declarations))
    `(progn
       (%defun ',name ,(%named-function name lambda-list body))
       ,@(%documentation-forms name 'function documentation)
       ',name)))

(defmacro define-compiler-macro (name lambda-list &body body)
  (multiple-value-bind (forms declarations documentation) (%parse-body body t)
    (declare (ignore forms declarations))
    `(progn
       (eval-when (:compile-toplevel :load-toplevel :execute)
         (%set-compiler-macro ',name ,(%parse-compiler-macro name lambda-list body))
         ,@(%documentation-forms name 'compiler-macro documentation))
       ',name)))

(defmacro define-symbol-macro (symbol expansion)
  `(progn
     (eval-when (:compile-toplevel :load-toplevel :execute)
       (%define-symbol-macro ',symbol ',expansion))
     ',symbol))

(defmacro defvar (name &optional (value nil value-p) documentation)
  `(progn
     (eval-when (:compile-toplevel)
       (%proclaim-special ',name))
     ,(if value-p
          `(when (%defvar ',name ,documentation)
             (set ',name ,value))
          `(%defvar ',name nil))
     ',name))

(defmacro defparameter (name value &optional documentation)
  `(progn
     (eval-when (:compile-toplevel)
       (%proclaim-special ',name))
     (%defparameter ',name ,value ,documentation)))

(defmacro defconstant (name value &optional documentation)
  `(eval-when (:compile-toplevel :load-toplevel :execute)
     (%defconstant ',name ,value ,documentation)))

(defmacro declaim (&rest specifiers)
  `(eval-when (:compile-toplevel :load-toplevel :execute)
     ,@(mapcar (lambda (specifier) `(%proclaim ',specifier)) specifiers)))

(defmacro lambda (lambda-list &body body)
  `(function (lambda ,lambda-list ,@body)))

;;; Conditionals.

(defmacro when (test &body body)
  `(if ,test (progn ,@body)))

(defmacro unless (test &body body)
  `(if ,test nil (progn ,@body)))

(defmacro and (&rest forms)
  (cond ((null forms) t)
        ((null (cdr forms)) (car forms))
        (t `(if ,(car forms) (and ,@(cdr forms)) nil))))

(defmacro or (&rest forms)
  (cond ((null forms) nil)
        ((null (cdr forms)) (car forms))
        (t (let ((value (gensym)))
             `(let ((,value ,(car forms)))
                (if ,value ,value (or ,@(cdr forms))))))))

(defmacro cond (&rest clauses)
  (if (null clauses)
      nil
      (let ((clause (car clauses)) (others (cdr clauses)))
        (unless (consp clause)
          (%program-error "The COND clause ~S is not a list" clause))
        (cond ((null (cdr clause))
               `(or ,(car clause) (cond ,@others)))
              ((eq (car clause) t)
               `(progn ,@(cdr clause)))
              (t `(if ,(car clause)
                      (progn ,@(cdr clause))
                      (cond ,@others)))))))

;;; CASE and its kin. Keys that are immediate or interned compare by EQ, the others by EQL.

(defun %eq-comparable-p (key)
  "True when EQ and EQL agree on KEY in every implementation of ours: symbols and fixnums."
  (or (symbolp key) (%fixnump key)))

(defun %key-test (variable key)
  `(,(if (%eq-comparable-p key) 'eq 'eql) ,variable ',key))

(defun %case-keys (clause otherwise-allowed)
  "The list of keys of a CASE clause, or T for an otherwise clause."
  (unless (consp clause)
    (%program-error "The CASE clause ~S is not a list" clause))
  (let ((keys (car clause)))
    (cond ((and otherwise-allowed (or (eq keys t) (eq keys 'otherwise))) t)
          ((listp keys) keys)
          (t (list keys)))))

(defun %case-body (clause)
  (or (cdr clause) '(nil)))

(defun %case-clauses (variable clauses otherwise-allowed)
  "The COND clauses for the CASE clauses CLAUSES on VARIABLE. Second value: all keys."
  (let ((result nil) (all nil))
    (do ((tail clauses (cdr tail)))
        ((null tail))
      (let* ((clause (car tail))
             (keys (%case-keys clause (and otherwise-allowed (null (cdr tail))))))
        (cond ((eq keys t)
               (push `(t ,@(%case-body clause)) result))
              (t (setq all (append all keys))
                 (when keys
                   (push `((or ,@(mapcar (lambda (key) (%key-test variable key)) keys))
                           ,@(%case-body clause))
                         result))))))
    (values (%nreverse-list result) all)))

(defun %typecase-clauses (variable clauses otherwise-allowed)
  "The COND clauses for the TYPECASE clauses CLAUSES on VARIABLE. Second value: all types."
  (let ((result nil) (types nil))
    (do ((tail clauses (cdr tail)))
        ((null tail))
      (let ((clause (car tail)))
        (unless (consp clause)
          (%program-error "The TYPECASE clause ~S is not a list" clause))
        (let ((type (car clause)))
          (cond ((and otherwise-allowed (null (cdr tail)) (or (eq type t) (eq type 'otherwise)))
                 (push `(t ,@(%case-body clause)) result))
                (t (push type types)
                   (push `((typep ,variable ',type) ,@(%case-body clause)) result))))))
    (values (%nreverse-list result) (%nreverse-list types))))

(defmacro case (keyform &body clauses)
  (let ((key (gensym)))
    `(let ((,key ,keyform))
       (declare (ignorable ,key))
       (cond ,@(%case-clauses key clauses t)))))

(defmacro typecase (keyform &body clauses)
  (let ((key (gensym)))
    `(let ((,key ,keyform))
       (declare (ignorable ,key))
       (cond ,@(%typecase-clauses key clauses t)))))

(defmacro ecase (keyform &body clauses)
  (let ((key (gensym)))
    (multiple-value-bind (tests keys) (%case-clauses key clauses nil)
      `(let ((,key ,keyform))
         (cond ,@tests
               (t (%case-failure ,key '(member ,@keys))))))))

(defmacro etypecase (keyform &body clauses)
  (let ((key (gensym)))
    (multiple-value-bind (tests types) (%typecase-clauses key clauses nil)
      `(let ((,key ,keyform))
         (cond ,@tests
               (t (%case-failure ,key '(or ,@types))))))))

(defun %case-failure (datum expected-type)
  "Signals that no clause of ECASE or ETYPECASE matches DATUM."
  (%type-error datum expected-type))

(defun %correctable-case (place key tests expected-type)
  "The expansion of CCASE and CTYPECASE: TESTS on KEY are tried again whenever STORE-VALUE puts a new value into PLACE."
  (let ((name (gensym)) (again (gensym)))
    `(block ,name
       (tagbody
          ,again
          (let ((,key ,place))
            (return-from ,name
              (cond ,@tests
                    (t (restart-case (%case-failure ,key ',expected-type)
                         (store-value (value)
                           :report (lambda (stream) (format stream "Supply a new value for ~S." ',place))
                           :interactive (lambda () (%prompt-for-value (format nil "The new value of ~S" ',place)))
                           (setf ,place value)))
                       (go ,again)))))))))

(defmacro ccase (keyplace &body clauses)
  (let ((key (gensym)))
    (multiple-value-bind (tests keys) (%case-clauses key clauses nil)
      (%correctable-case keyplace key tests `(member ,@keys)))))

(defmacro ctypecase (keyplace &body clauses)
  (let ((key (gensym)))
    (multiple-value-bind (tests types) (%typecase-clauses key clauses nil)
      (%correctable-case keyplace key tests `(or ,@types)))))

;;; Sequencing and blocks.

(defmacro prog1 (first &body body)
  (let ((value (gensym)))
    `(let ((,value ,first))
       ,@body
       ,value)))

(defmacro prog2 (first second &body body)
  `(progn ,first (prog1 ,second ,@body)))

(defmacro return (&optional value)
  `(return-from nil ,value))

(defun %prog-form (binder bindings body)
  (multiple-value-bind (statements declarations) (%parse-body body nil)
    `(block nil
       (,binder ,bindings
         ,@declarations
         (tagbody ,@statements)))))

(defmacro prog (bindings &body body)
  (%prog-form 'let bindings body))

(defmacro prog* (bindings &body body)
  (%prog-form 'let* bindings body))

(defun %psetq-forms (pairs)
  "Forms that assign in parallel: every value but the last is kept in a temporary until all have been computed."
  (cond ((null pairs) nil)
        ((null (cdr (cdr pairs))) (list `(setq ,@pairs)))
        (t (let ((bindings nil) (assignments nil) (tail pairs))
             (do () ((null (cdr (cdr tail))))
               (let ((temporary (gensym)))
                 (push (list temporary (car (cdr tail))) bindings)
                 (push `(setq ,(car tail) ,temporary) assignments))
               (setq tail (cdr (cdr tail))))
             (list `(let* ,(%nreverse-list bindings)
                      (setq ,@tail)
                      ,@(%nreverse-list assignments)))))))

(defun %check-pairs (pairs operator)
  "Returns PAIRS when it has an even number of elements."
  (when (eql 1 (logand 1 (%list-length pairs)))
    (%program-error "~S has an odd number of arguments: ~S" operator pairs))
  pairs)

(defmacro psetq (&rest pairs &environment environment)
  (%check-pairs pairs 'psetq)
  (do ((tail pairs (cdr (cdr tail))))
      ((null tail) `(progn ,@(%psetq-forms pairs) nil))
    (when (%symbol-macro-p (car tail) environment)
      (return `(psetf ,@pairs)))))

(defun %symbol-macro-p (symbol environment)
  "True when SYMBOL is a symbol macro in ENVIRONMENT."
  (multiple-value-bind (expansion expanded) (%symbol-macro-expansion symbol environment)
    (declare (ignore expansion))
    expanded))

;;; Multiple values.

(defmacro multiple-value-bind (variables values-form &body body)
  (let ((others (gensym)))
    `(multiple-value-call (function (lambda (&optional ,@variables &rest ,others)
                            (declare (ignore ,others))
                            ,@body))
       ,values-form)))

(defmacro multiple-value-list (form)
  `(multiple-value-call (function list) ,form))

(defun %any-symbol-macro-p (symbols environment)
  "True if one of SYMBOLS is a symbol macro in ENVIRONMENT."
  (dolist (symbol symbols nil)
    (multiple-value-bind (expansion expanded) (%symbol-macro-expansion symbol environment)
      (declare (ignore expansion))
      (when expanded (return t)))))

(defmacro multiple-value-setq (variables form &environment environment)
  (cond ((null variables) `(values ,form))
        ;; The subforms of places come before FORM.
        ((%any-symbol-macro-p variables environment)
         `(values (setf (values ,@variables) ,form)))
        (t (let ((temporaries (%gensyms variables)))
             `(multiple-value-bind ,temporaries ,form
                (setq ,@(mapcan #'list variables temporaries))
                ,(car temporaries))))))

(defmacro nth-value (n form)
  (if (and (%fixnump n) (<= 0 n 20))
      (let ((variables (%gensyms (%iota (1+ n)))))
        `(multiple-value-bind ,variables ,form
           (declare (ignore ,@(%butlast-list variables)))
           ,(%last-element variables)))
      `(nth ,n (multiple-value-list ,form))))

(defmacro destructuring-bind (lambda-list expression &body body)
  (%destructuring-form lambda-list expression body))

;;; Development (CLHS 25.1).

(defmacro time (form)
  `(%time (function (lambda () ,form)) ',form))

(defmacro step (form)
  `(%step (function (lambda () ,form)) ',form))

;;; Accessors of instances (CLHS 7.7).

(defmacro with-accessors (entries instance &body body)
  (let ((object (gensym)))
    `(let ((,object ,instance))
       (declare (ignorable ,object))
       (symbol-macrolet ,(mapcar (lambda (entry)
                                   `(,(car entry) (,(car (cdr entry)) ,object)))
                                 entries)
         ,@body))))

(defmacro with-slots (entries instance &body body)
  (let ((object (gensym)))
    `(let ((,object ,instance))
       (declare (ignorable ,object))
       (symbol-macrolet ,(mapcar (lambda (entry)
                                   (if (consp entry)
                                       `(,(car entry) (slot-value ,object ',(car (cdr entry))))
                                       `(,entry (slot-value ,object ',entry))))
                                 entries)
         ,@body))))

(defmacro with-compilation-unit (options &body body)
  (do ((tail options (cdr (cdr tail))))
      ((null tail))
    (unless (consp (cdr tail))
      (%program-error "The options ~S of WITH-COMPILATION-UNIT have an odd length" options)))
  `(%call-with-compilation-unit (function (lambda () ,@body))
                                ,(%getf options :override nil)))
