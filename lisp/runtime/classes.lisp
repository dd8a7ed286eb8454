;;;; Class objects and instances (CLHS 4.3): the ground for structures, conditions and CLOS.
;;;;
;;;; A class is an instance whose class is its metaclass: BUILT-IN-CLASS, STRUCTURE-CLASS, CONDITION-CLASS, STANDARD-CLASS or a
;;;; class made from those. Element 0 of every instance is its class, element 1 its identity hash, the slots follow. The class
;;;; with the name N is found in the info of the symbol N under :class.

(in-package :clysm)

;;; The parts of a class object, from element 2 on.

(defmacro %define-class-parts (first-index &rest names)
  "Defines a reader and a writer for each pair of NAMES, on successive elements of a class object."
  (let ((index first-index) (forms nil))
    (dolist (pair names)
      (push `(declaim (inline ,(car pair))) forms)
      (push `(defun ,(car pair) (class) (%array-ref instance class ,index)) forms)
      (push `(defun ,(car (cdr pair)) (class value) (%array-set instance class ,index value)) forms)
      (setq index (1+ index)))
    `(progn
       ,@(%nreverse-list forms)
       (defglobal *%class-size* ,index))))

(%define-class-parts 2
  (%class-name %set-class-name)
  (%class-direct-superclasses %set-class-direct-superclasses)
  (%class-direct-subclasses %set-class-direct-subclasses)
  (%class-precedence-list %set-class-precedence-list)   ; most specific first, the class itself included; NIL until known
  (%class-slots %set-class-slots)                       ; effective slot records; their kind depends on the metaclass
  (%class-options %set-class-options)                   ; a property list
  (%class-depth %set-class-depth)                       ; number of superclasses along single inheritance, or -1
  (%class-ancestors %set-class-ancestors))              ; simple vector: the ancestor of each depth up to the class itself

;;; Instances.

(declaim (inline %instance-class))
(defun %instance-class (instance)
  (%array-ref instance instance 0))

(defun %allocate-instance (class count)
  "A fresh instance of CLASS with COUNT unbound slots."
  (let ((instance (%array-new instance (+ 2 count) (%unbound))))
    (%array-set instance instance 0 class)
    (%array-set instance instance 1 0)
    instance))

(defun %make-instance (class &rest values)
  "A fresh instance of CLASS whose slots hold VALUES."
  (let ((instance (%allocate-instance class (%list-length values)))
        (index 2))
    (dolist (value values instance)
      (%array-set instance instance index value)
      (setq index (1+ index)))))

(defun %slot-count (instance)
  "The number of slots that INSTANCE has room for."
  (- (%array-length instance instance) 2))

(defun %slot-at (instance index)
  "The content of the slot of INSTANCE at INDEX, counted from 0."
  (%array-ref instance instance (+ index 2)))

(defun %set-slot-at (instance index value)
  (%array-set instance instance (+ index 2) value))

;;; Names of classes.

(defun %find-class (symbol)
  "The class with the name SYMBOL, or NIL."
  (%info symbol :class))

(defun find-class (symbol &optional (errorp t) environment)
  (declare (ignore environment))
  (unless (symbolp symbol)
    (%type-error symbol 'symbol))
  (or (%find-class symbol)
      (if errorp
          (%error "There is no class named ~S." symbol)
          nil)))

(defun (setf find-class) (class symbol &optional (errorp t) environment)
  (declare (ignore errorp environment))
  (unless (symbolp symbol)
    (%type-error symbol 'symbol))
  (cond ((null class) (%remove-info symbol :class))
        ((%class-p class) (%set-info symbol :class class))
        (t (%type-error class '(or class null))))
  class)

(defun class-name (class)
  (unless (%class-p class)
    (%type-error class 'class))
  (%class-name class))

(defun (setf class-name) (name class)
  (unless (%class-p class)
    (%type-error class 'class))
  (unless (symbolp name)
    (%type-error name 'symbol))
  (%check-class-lock class)
  (%set-class-name class name))

(defun %check-class-lock (class)
  "Signals if the name of CLASS is locked, under whatever name CLASS was found."
  (%check-lock :class (%class-name class)))

(defmacro %class-constant (name)
  "The class that has the name NAME when this form is loaded."
  `(load-time-value (find-class ',name)))

;;; The class precedence list (CLHS 4.3.5).

(defun %all-superclasses (class)
  "CLASS and all its superclasses, each once."
  (let ((result nil) (work (list class)))
    (do () ((null work) result)
      (let ((next (pop work)))
        (unless (%memq next result)
          (push next result)
          (setq work (append (%class-direct-superclasses next) work)))))))

(defun %precedence-pairs (classes)
  "The local precedence orders of CLASSES as pairs (class . class that it precedes)."
  (let ((pairs nil))
    (dolist (class classes pairs)
      (let ((before class))
        (dolist (superclass (%class-direct-superclasses class))
          (push (cons before superclass) pairs)
          (setq before superclass))))))

(defun %unpreceded-classes (classes pairs)
  "Those of CLASSES that no class in PAIRS precedes."
  (let ((result nil))
    (dolist (class classes result)
      (unless (dolist (pair pairs nil)
                (when (eq (cdr pair) class) (return t)))
        (push class result)))))

(defun %next-in-precedence (candidates chosen)
  "The one of CANDIDATES that has the most recently CHOSEN (latest first) direct subclass."
  (if (null (cdr candidates))
      (car candidates)
      (dolist (class chosen (car candidates))
        (dolist (superclass (%class-direct-superclasses class))
          (when (%memq superclass candidates)
            (return-from %next-in-precedence superclass))))))

(defun %compute-precedence-list (class)
  "The class precedence list of CLASS. An error when the local precedence orders contradict each other."
  (let* ((classes (%all-superclasses class))
         (pairs (%precedence-pairs classes))
         (chosen nil))
    (do () ((null classes) (%nreverse-list chosen))
      (let ((candidates (%unpreceded-classes classes pairs)))
        (when (null candidates)
          (%error "The superclasses of ~S cannot be put in an order of precedence." (%class-name class)))
        (let ((next (%next-in-precedence candidates chosen)))
          (push next chosen)
          (setq classes (%delq next classes))
          (let ((others nil))
            (dolist (pair pairs)
              (unless (eq (car pair) next)
                (push pair others)))
            (setq pairs others)))))))

;; A program that makes no class of several superclasses needn't order them.
(defglobal *%joined-classes* nil)       ; the function that makes the precedence list of such a class

(defun %use-joined-classes (symbol)
  (declare (ignore symbol))
  (setq *%joined-classes* #'%compute-precedence-list))

(%use-joined-classes '%several-superclasses)

(defun %precedence-list (class)
  (let ((superclasses (%class-direct-superclasses class)))
    (cond ((null superclasses) (list class))
          ((null (cdr superclasses)) (cons class (%class-precedence-list (car superclasses))))
          (t (%funcall *%joined-classes* class)))))

(declaim (inline %subclassp))
(defun %subclassp (class other)
  "True when CLASS is OTHER or inherits from it."
  (if (%memq other (%class-precedence-list class)) t nil))

;;; Making classes.

(defun %ancestors (class)
  "Two values for CLASS: its depth and the vector of its ancestors when it inherits singly all the way, else -1 and #()."
  (let* ((superclasses (%class-direct-superclasses class))
         (superclass (car superclasses)))
    (cond ((null superclasses)
           (values 0 (%array-new simple-vector 1 class)))
          ((or (cdr superclasses) (eq (%class-depth superclass) -1))
           (values -1 (%array-new simple-vector 0 nil)))
          (t (let* ((depth (1+ (%class-depth superclass)))
                    (ancestors (%array-new simple-vector (1+ depth) class)))
               (%array-copy simple-vector ancestors 0 simple-vector (%class-ancestors superclass) 0 depth)
               (values depth ancestors))))))

(defun %inherit (class)
  "Computes what CLASS gets from its superclasses: precedence list, depth and ancestors."
  (%set-class-precedence-list class (%precedence-list class))
  (multiple-value-bind (depth ancestors) (%ancestors class)
    (%set-class-depth class depth)
    (%set-class-ancestors class ancestors))
  class)

(defun %set-superclasses (class superclasses)
  "Makes SUPERCLASSES the direct superclasses of CLASS, and CLASS one of their direct subclasses."
  (dolist (superclass (%class-direct-superclasses class))
    (%set-class-direct-subclasses superclass (%delq class (%class-direct-subclasses superclass))))
  (%set-class-direct-superclasses class superclasses)
  (dolist (superclass superclasses)
    (unless (%memq class (%class-direct-subclasses superclass))
      (%set-class-direct-subclasses superclass (cons class (%class-direct-subclasses superclass)))))
  (%inherit class))

(defun %make-class (metaclass name superclasses slots options)
  "A fresh class object; it is not yet found under NAME."
  (let ((class (%allocate-instance metaclass (- *%class-size* 2))))
    (%set-class-name class name)
    (%set-class-direct-superclasses class nil)
    (%set-class-direct-subclasses class nil)
    (%set-class-slots class slots)
    (%set-class-options class options)
    (%set-superclasses class superclasses)))

;;; The built-in classes (CLHS figure 4-8), each with its direct superclasses. The classes of streams, hash tables, packages,
;;; pathnames, readtables, random states and restarts come with their structures, those of conditions with DEFINE-CONDITION.

(defun %make-initial-class (name superclass-names)
  "Makes the class NAME while its metaclass may not exist yet."
  (let ((superclasses nil))
    (dolist (superclass superclass-names)
      (push (%find-class superclass) superclasses))
    (%set-info name :class (%make-class nil name (%nreverse-list superclasses) nil nil))))

(defun %make-joined-class (name superclass-names)
  "%MAKE-INITIAL-CLASS for several superclasses."
  (%mention '%several-superclasses)
  (%make-initial-class name superclass-names))

(defun %set-initial-metaclass (name metaclass-name)
  (%array-set instance (%find-class name) 0 (%find-class metaclass-name)))

(defmacro %define-initial-classes (&rest definitions)
  "Makes the classes of DEFINITIONS, each (METACLASS NAME . SUPERCLASSES). A form for each, so that a program can do without."
  `(progn
     ,@(mapcar (lambda (definition)
                 (if (%nthcdr 3 definition)
                     `(%make-joined-class ',(car (cdr definition)) ',(cdr (cdr definition)))
                     `(%make-initial-class ',(car (cdr definition)) ',(cdr (cdr definition)))))
               definitions)
     ,@(mapcar (lambda (definition) `(%set-initial-metaclass ',(car (cdr definition)) ',(car definition)))
               definitions)))

(%define-initial-classes
 (built-in-class t)
 (standard-class standard-object t) (structure-class structure-object t)
 (standard-class class standard-object) (standard-class built-in-class class) (standard-class structure-class class)
 (standard-class condition-class class) (standard-class standard-class class)
 (standard-class method standard-object) (standard-class standard-method method)
 (standard-class method-combination standard-object)
 (built-in-class function t) (standard-class generic-function function)
 (standard-class standard-generic-function generic-function)
 (built-in-class sequence t) (built-in-class list sequence) (built-in-class cons list)
 (built-in-class symbol t) (built-in-class null symbol list)
 (built-in-class array t) (built-in-class vector array sequence)
 (built-in-class string vector) (built-in-class bit-vector vector)
 (built-in-class number t) (built-in-class complex number) (built-in-class real number)
 (built-in-class float real) (built-in-class single-float float) (built-in-class double-float float)
 (built-in-class rational real) (built-in-class ratio rational)
 (built-in-class integer rational) (built-in-class fixnum integer) (built-in-class bignum integer)
 (built-in-class character t)
 (built-in-class marker t))

;;; From here on the initial classes can be named by %CLASS-CONSTANT.

(defun %class-p (object)
  "True when OBJECT is a class."
  (and (%is instance object)
       (%subclassp (%instance-class object) (%class-constant class))))

;;; CLASS-OF, commonest representations first.

(defun %array-class (array)
  "The class of ARRAY, an array that is no simple vector."
  (if (eq 1 (%array-length simple-vector (%get array dimensions array)))
      (let ((data (%array-data array)))
        (cond ((%is string data) (%class-constant string))
              ((%is bit-vector data) (%class-constant bit-vector))
              (t (%class-constant vector))))
      (%class-constant array)))

(defun class-of (object)
  (cond ((%is instance object) (%instance-class object))
        ((%fixnump object) (%class-constant fixnum))
        ((%is cons object) (%class-constant cons))
        ((%is symbol object) (if (null object) (%class-constant null) (%class-constant symbol)))
        ((%is string object) (%class-constant string))
        ((%is character object) (%class-constant character))
        ((%is function object) (%class-constant function))
        ((%is double object) (%class-constant double-float))
        ((%is single object) (%class-constant single-float))
        ((%is bignum object) (%class-constant bignum))
        ((%is ratio object) (%class-constant ratio))
        ((%is complex object) (%class-constant complex))
        ((%is array object) (%array-class object))
        ((%is bit-vector object) (%class-constant bit-vector))
        ((%is marker object) (%class-constant marker))
        (t (%class-constant vector))))

;;; Condition classes (conditions.lisp defines their slots).

(defun %condition-class-p (object)
  "True when OBJECT is a class of conditions."
  (and (%is instance object)
       (%subclassp (%instance-class object) (%class-constant condition-class))))

(defun %update-condition-class (class)
  "Recomputes what CLASS and its subclasses inherit."
  (%inherit class)
  (%set-class-slots class (%effective-condition-slots (%class-precedence-list class)))
  (dolist (subclass (%class-direct-subclasses class))
    (%update-condition-class subclass)))

(defun %ensure-condition-class (name superclasses options)
  "Makes the condition class NAME, or gives the existing one new SUPERCLASSES and OPTIONS. Returns the class."
  (%mention '%several-superclasses)
  (%check-lock :class name)
  (let ((class (%find-class name)))
    (cond ((and class (%condition-class-p class))
           (%check-class-lock class)
           (%set-superclasses class superclasses))
          (t (setq class (%make-class (%class-constant condition-class) name superclasses nil nil))))
    (%set-class-options class options)
    (%set-info name :class class)
    (%update-condition-class class)
    class))
