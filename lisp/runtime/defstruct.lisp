;;;; DEFSTRUCT for structures that are types of their own (CLHS 8.1). Those of :TYPE list or vector are in typed-structures.lisp.
;;;;
;;;; A structure class keeps slot records (NAME INITFORM TYPE READ-ONLY ACCESSOR INITFORM-P) in the order of its instances'
;;;; elements, and in its options :print-object, :print-function and :constructor (for #S). Its ancestor vector makes the test for a
;;;; subtype one comparison. Accessors test for the exact class inline and call out for subtypes.

(in-package :clysm)

;;; Slot records.

(defun %make-slot-record (name initform initform-p type read-only)
  (list name initform type read-only nil initform-p))

(declaim (inline %slot-record-name))
(defun %slot-record-name (slot) (car slot))
(defun %slot-record-initform (slot) (car (cdr slot)))
(defun %slot-record-type (slot) (car (%nthcdr 2 slot)))
(defun %slot-record-read-only (slot) (car (%nthcdr 3 slot)))
(defun %slot-record-accessor (slot) (car (%nthcdr 4 slot)))
(defun %slot-record-initform-p (slot) (car (%nthcdr 5 slot)))

(defun %same-symbol-name-p (a b)
  "True when the symbols A and B have the same name, in whatever packages."
  (string= (symbol-name a) (symbol-name b)))

(defun %find-slot-record (name slots)
  "The record among SLOTS whose name is spelt as NAME, or NIL."
  (dolist (slot slots nil)
    (when (%same-symbol-name-p name (%slot-record-name slot))
      (return slot))))

(defun %parse-slot-option (key value slot)
  "The slot record SLOT with the option KEY applied."
  (cond ((eq key :type)
         (list* (car slot) (car (cdr slot)) value (%nthcdr 3 slot)))
        ((eq key :read-only)
         (list* (car slot) (car (cdr slot)) (%slot-record-type slot) (if value t nil) (%nthcdr 4 slot)))
        (t (%program-error "~S is no option of a structure slot" key))))

(defun %parse-slot (spec default)
  "The slot record for the DEFSTRUCT slot description SPEC. DEFAULT, a record or NIL, is what an :INCLUDE overrides."
  (let* ((name (if (consp spec) (car spec) spec))
         (slot (cond ((and (consp spec) (cdr spec))
                      (%make-slot-record name (car (cdr spec)) t t nil))
                     (t (%make-slot-record name nil nil t nil)))))
    (unless (symbolp name)
      (%program-error "~S is no name of a structure slot" name))
    (when default
      (setq slot (%make-slot-record (%slot-record-name default) (%slot-record-initform slot) (%slot-record-initform-p slot)
                                    (%slot-record-type default) (%slot-record-read-only default))))
    (do ((tail (if (consp spec) (cdr (cdr spec)) nil) (cdr (cdr tail))))
        ((null tail) slot)
      (unless (consp (cdr tail))
        (%program-error "The slot option ~S of ~S has no value" (car tail) name))
      (setq slot (%parse-slot-option (car tail) (car (cdr tail)) slot)))))

(defun %parse-slots (specs inherited)
  "The records for the slot descriptions SPECS. PROGRAM-ERROR when a name occurs twice, also among the INHERITED."
  (let ((slots nil))
    (dolist (spec specs (%nreverse-list slots))
      (let ((slot (%parse-slot spec nil)))
        (when (or (%find-slot-record (%slot-record-name slot) slots)
                  (%find-slot-record (%slot-record-name slot) inherited))
          (%program-error "The structure slot ~S is defined twice" (%slot-record-name slot)))
        (push slot slots)))))

(defun %override-slots (inherited specs)
  "Copies of the INHERITED slot records, changed as the slot descriptions SPECS of :INCLUDE say."
  (dolist (spec specs)
    (unless (%find-slot-record (if (consp spec) (car spec) spec) inherited)
      (%program-error "There is no slot ~S to be inherited" spec)))
  (mapcar (lambda (slot)
            (let ((override (dolist (spec specs nil)
                              (when (%same-symbol-name-p (if (consp spec) (car spec) spec) (%slot-record-name slot))
                                (return spec)))))
              (if override
                  (%append2 (let ((new (%parse-slot override slot)))
                              (list (car new) (car (cdr new)) (%slot-record-type new) (%slot-record-read-only new)))
                            (list (%slot-record-accessor slot)
                                  (if (and (consp override) (cdr override)) t nil)))
                  slot)))
          inherited))

;;; Options. A definition is a property list: :name :conc-name :constructors :copier :predicate :include :overrides :type :named
;;; :initial-offset :printers :documentation :slots.

(defun %definition (definition key)
  (%getf definition key nil))

(defun %symbol-from (&rest parts)
  "The symbol in the current package named by the string designators PARTS put together."
  (let ((name ""))
    (dolist (part parts)
      (setq name (%string-append name (coerce (string part) 'simple-string))))
    (intern name)))

(defun %only-argument (option)
  "The single argument of the DEFSTRUCT option OPTION, or NIL."
  (when (cdr (cdr option))
    (%program-error "The DEFSTRUCT option ~S has too many arguments" option))
  (car (cdr option)))

(defun %constructor-spec (option default-name)
  "A list (name) or (name lambda-list) for the option :CONSTRUCTOR, or NIL for none."
  (let ((arguments (cdr option)))
    (cond ((null arguments) (list (%make-name default-name)))
          ((null (car arguments)) nil)
          ((cdr (cdr arguments)) (%program-error "Malformed DEFSTRUCT option ~S" option))
          (t (%copy-list arguments)))))

(defun %make-name (name)
  (%symbol-from "MAKE-" name))

(defun %parse-structure-option (option definition)
  "DEFINITION with OPTION, a list, taken into account. Options about names hold (NAME) when they are given."
  (let ((key (car option)))
    (cond ((eq key :conc-name)
           (list* :conc-name (list (%only-argument option)) definition))
          ((eq key :constructor)
           (let ((spec (%constructor-spec option (%definition definition :name))))
             (list* :constructors
                    (if spec (cons spec (%definition definition :constructors)) (%definition definition :constructors))
                    :constructor-given t
                    definition)))
          ((or (eq key :copier) (eq key :predicate))
           (let ((name (%only-argument option)))
             (if (cdr option) (list* key (list name) definition) definition)))
          ((eq key :include)
           (when (%definition definition :include)
             (%program-error "A structure can include one other only"))
           (list* :include (car (cdr option)) :overrides (cdr (cdr option)) definition))
          ((eq key :type) (list* :type (%only-argument option) definition))
          ((eq key :named) (list* :named t definition))
          ((eq key :initial-offset)
           (let ((offset (%only-argument option)))
             (unless (and (integerp offset) (<= 0 offset))
               (%type-error offset 'unsigned-byte))
             (list* :initial-offset offset definition)))
          ((or (eq key :print-function) (eq key :print-object))
           (when (%definition definition :printers)
             (%program-error "A structure can have one print option only"))
           (let ((function (%only-argument option)))
             (if function
                 (list* :printers `(list ,key (function ,function)) definition)
                 definition)))
          (t (%program-error "~S is no option of DEFSTRUCT" key)))))

(defun %parse-structure (name-and-options body)
  "The definition that a DEFSTRUCT form describes."
  (let* ((name (if (consp name-and-options) (car name-and-options) name-and-options))
         (documentation (if (stringp (car body)) (car body) nil))
         (definition (list :name name :documentation documentation)))
    (unless (and name (symbolp name))
      (%type-error name 'symbol))
    (dolist (option (if (consp name-and-options) (cdr name-and-options) nil))
      (setq definition (%parse-structure-option (if (consp option) option (list option)) definition)))
    (list* :slots (if documentation (cdr body) body) definition)))

(defun %definition-conc-name (definition)
  "The prefix of accessor names, or NIL for none."
  (let ((given (%definition definition :conc-name)))
    (if given
        (car given)
        (%string-append (coerce (symbol-name (%definition definition :name)) 'simple-string) "-"))))

(defun %definition-name (definition key default)
  "The function name under the option KEY; DEFAULT is called for one that is not given."
  (let ((given (%definition definition key)))
    (if given (car given) (funcall default))))

(defun %definition-constructors (definition)
  (if (%definition definition :constructor-given)
      (%reverse-list (%definition definition :constructors))
      (list (list (%make-name (%definition definition :name))))))

(defun %with-accessors (slots conc-name)
  "The slot records SLOTS with the names of their accessors under CONC-NAME."
  (mapcar (lambda (slot)
            (list (%slot-record-name slot) (%slot-record-initform slot) (%slot-record-type slot) (%slot-record-read-only slot)
                  (if conc-name
                      (%symbol-from conc-name (%slot-record-name slot))
                      (%slot-record-name slot))
                  (%slot-record-initform-p slot)))
          slots))

;;; Structure classes at run time.

(defun %structure-class-p (object)
  "True when OBJECT is a class made by DEFSTRUCT."
  (and (%class-p object) (%getf (%class-options object) :structure nil)))

(defun %structure-class (name)
  "The structure class named NAME, or NIL."
  (let ((class (if (symbolp name) (%find-class name) nil)))
    (if (and class (%structure-class-p class)) class nil)))

(defun %structure-class-object (name)
  "The structure class named NAME; while it is not defined yet, the object that will become it."
  (or (%structure-class name)
      (%info name :forward-class)
      (%set-info name :forward-class
                 (%make-class (%class-constant structure-class) name nil nil nil))))

(defun %structure-class-form (name)
  "A form for the structure class that has the name NAME when the form is loaded."
  `(load-time-value (%structure-class-object ',name)))

(defun %standard-name-p (name)
  "True when NAME is a symbol of the package COMMON-LISP: such structures are built-in classes, not kinds of STRUCTURE-OBJECT."
  (if *%packages-ready*
      (%same-home-p name 'car)
      (%same-string-p (%early-home name) "COMMON-LISP")))

(defun %early-home (symbol)
  "The name of the home package of SYMBOL while the library is being built and there are no packages yet."
  (let ((announced (%assq symbol *%announced*))
        (symbols (%root-symbols)))
    (if announced
        (cdr announced)
        (do ((i 0 (+ i 3)))
            ((eq (svref symbols i) symbol)
             (svref (svref (%root-packages) (svref symbols (+ i 1))) 0))))))

(defun %structure-superclass (name include standard-p)
  "The direct superclass of the structure NAME that includes the structure INCLUDE or NIL; STANDARD-P for a standard NAME."
  (cond (include
         (or (%structure-class include)
             (%error "There is no structure ~S to be included by ~S." include name)))
        (standard-p (%class-constant t))
        (t (%class-constant structure-object))))

(defun %structure-slot-names (class)
  "The names of the slots of the structure CLASS in the order of the instances' elements."
  (getf (%class-options class) :layout))

(defun %structure-slots (class)
  "The records of the slots of the structure CLASS."
  (%mention ':structure-slots)
  (%class-slots class))

(defun %same-layout-p (class superclass slot-names)
  "True when instances of CLASS are laid out as those of a class with slots of SLOT-NAMES under SUPERCLASS."
  (and (eq (car (%class-direct-superclasses class)) superclass)
       (null (cdr (%class-direct-superclasses class)))
       (%same-elements-p (getf (%class-options class) :layout) slot-names)))

(defun %same-elements-p (a b)
  "True when the lists A and B have the same elements by EQ."
  (do ((a a (cdr a)) (b b (cdr b)))
      ((or (null a) (null b)) (and (null a) (null b)))
    (unless (eq (car a) (car b))
      (return nil))))

(defun %check-include (name)
  "Signals if a lock forbids including the structure NAME, which may be another name of a class that a locked package has."
  (%check-lock :include name)
  (let ((class (%structure-class name)))
    (when class
      (%check-lock :include (%class-name class)))))

(defun %define-structure-class (name include slot-names standard-p)
  "Makes the structure class NAME, or updates the one there is. When the layout changes, a new class takes the name, and instances
made before keep the old one."
  (%check-lock :structure name)
  (when include
    (%check-include include))
  (let ((superclass (%structure-superclass name include standard-p))
        (class (%structure-class name)))
    (when class
      (%check-class-lock class))
    (when (and class (not (%same-layout-p class superclass slot-names)))
      (%funcall (or *%warner* #'%error)
                "The structure ~S is redefined with other slots; its instances become obsolete." name)
      (setq class nil))
    (unless class
      (setq class (or (%info name :forward-class)
                      (%make-class (%class-constant structure-class) name nil nil nil)))
      (%remove-info name :forward-class)
      ;; What includes a standard structure, as kinds of streams do, is no STRUCTURE-OBJECT either.
      (when (or standard-p (eq (%instance-class superclass) (%class-constant built-in-class)))
        (%array-set instance class 0 (%class-constant built-in-class)))
      (%set-superclasses class (list superclass))
      (%set-info name :class class))
    (%remove-info name :type-expander)
    (%set-class-slots class nil)
    (%set-class-options class (list :structure t :layout slot-names))
    class))

(defun %set-structure-slots (name slots keyword-constructor)
  "Gives the structure class NAME what only DEFSTRUCT and the reader want to know: the records of its slots, and the name of a
constructor with keywords or NIL."
  (let ((class (%structure-class name)))
    (%check-class-lock class)
    (%set-class-slots class slots)
    (%set-class-options class (list* :constructor keyword-constructor (%class-options class)))))

(defun %set-structure-printers (name printers)
  "Gives the structure class NAME its :PRINT-OBJECT or :PRINT-FUNCTION from the property list PRINTERS."
  (let ((class (%structure-class name)))
    (%check-class-lock class)
    (%set-class-options class (append printers (%class-options class)))))

(declaim (inline %subtype-at-depth-p))
(defun %subtype-at-depth-p (class ancestor depth)
  "True when ANCESTOR, a class at DEPTH of single inheritance, is CLASS or one of its superclasses."
  (let ((ancestors (%class-ancestors class)))
    (and (< depth (%array-length simple-vector ancestors))
         (eq (%array-ref simple-vector ancestors depth) ancestor))))

(defun %structure-instance-p (object class depth)
  "True when OBJECT is an instance of CLASS, a structure class at DEPTH, or of a subclass."
  (and (%is instance object)
       (%subtype-at-depth-p (%instance-class object) class depth)))

(defun %structure-element (object class depth index)
  "The element INDEX of OBJECT when that is a structure of CLASS, else TYPE-ERROR."
  (if (%structure-instance-p object class depth)
      (%array-ref instance object index)
      (%type-error object (%class-name class))))

(defun %set-structure-element (object class depth index value)
  (if (%structure-instance-p object class depth)
      (%array-set instance object index value)
      (%type-error object (%class-name class))))

(defun copy-structure (structure)
  (unless (and (%is instance structure) (%structure-class-p (%instance-class structure)))
    (%type-error structure 'structure-object))
  (let* ((count (%array-length instance structure))
         (copy (%array-new instance count nil)))
    (%array-copy instance copy 0 instance structure 0 count)
    (%array-set instance copy 1 0)
    copy))

(defun %copy-structure-of (structure class depth)
  "A copy of STRUCTURE when it belongs to CLASS, else TYPE-ERROR."
  (if (%structure-instance-p structure class depth)
      (copy-structure structure)
      (%type-error structure (%class-name class))))

(defun %structure-load-form (structure)
  "A form that makes a structure like STRUCTURE, for literals in compiled code (CLHS 3.2.4.2.2)."
  (let ((class (%instance-class structure)) (values nil) (index 1))
    (dolist (slot (%structure-slot-names class))
      (declare (ignore slot))
      (setq index (1+ index))
      (push `',(%array-ref instance structure index) values))
    `(%make-instance (find-class ',(%class-name class)) ,@(%nreverse-list values))))

;;; The functions that DEFSTRUCT defines.

(defun %checked-value (form type)
  "A form for the value of FORM, a variable or constant, that signals unless it is of TYPE."
  (if (eq type t)
      form
      `(if (typep ,form ',type) ,form (%type-error ,form ',type))))

(defun %accessor-forms (name slot index depth)
  "The definitions of the reader and writer of SLOT, at element INDEX of instances of the structure NAME."
  (if *%sealed*
      (%checked-accessor-forms name slot index depth)
      (%inline-accessor-forms name slot index depth)))

(defun %inline-accessor-forms (name slot index depth)
  (let ((accessor (%slot-record-accessor slot)))
    (flet ((access (exact other)
             `(let ((class ,(%structure-class-form name)))
                (if (and (%is instance object) (eq (%array-ref instance object 0) class))
                    ,exact
                    ,other))))
      `((declaim (inline ,accessor))
        (defun ,accessor (object)
          ,(access `(%array-ref instance object ,index)
                   `(%structure-element object class ,depth ,index)))
        ,@(if (%slot-record-read-only slot)
              nil
              `((declaim (inline (setf ,accessor)))
                (defun (setf ,accessor) (value object)
                  ,@(%value-check-forms (%slot-record-type slot))
                  ,(access `(%array-set instance object ,index value)
                           `(%set-structure-element object class ,depth ,index value)))))))))

(defun %value-check-forms (type)
  (if (eq type t)
      nil
      `((unless (typep value ',type)
          (%type-error value ',type)))))

(defun %all-accessor-forms (name slots inherited depth)
  "The accessors of SLOTS but those that the included structure, whose slots are INHERITED, already has under the same name."
  (let ((forms nil) (index 1))
    (dolist (slot slots forms)
      (setq index (1+ index))
      (let ((same (%find-slot-record (%slot-record-name slot) inherited)))
        (unless (and same (eq (%slot-record-accessor same) (%slot-record-accessor slot)))
          (setq forms (append forms (%accessor-forms name slot index depth))))))))

;;; Constructors. The value forms of slots come from %KEYWORD-PARAMETERS or %BOA-PARAMETERS, the form that puts them together from a
;;; function of the list of value forms, which depends on how the structure is represented.

(defun %instance-maker (name)
  "A function that gives the form for a new instance of the structure NAME from value forms."
  (if *%sealed* (%checked-maker name) (%inline-maker name)))

(defun %inline-maker (name)
  (lambda (values)
    (let ((index 1))
      `(let ((object (%array-new instance ,(+ 2 (%list-length values)) ,(%structure-class-form name))))
         (%array-set instance object 1 0)
         ,@(mapcar (lambda (value)
                     (setq index (1+ index))
                     `(%array-set instance object ,index ,value))
                   values)
         object))))

(defun %initial-value (slot)
  "Two values for the slot whose value no argument gives: the form of its value and whether its type is to be checked."
  (values (%slot-record-initform slot) (%slot-record-initform-p slot)))

(defun %keyword-constructor-form (name slots maker)
  "The DEFUN of the constructor NAME with a keyword for each of SLOTS."
  (let ((parameters nil) (values nil))
    (dolist (slot slots)
      (let ((variable (gensym)) (supplied (gensym)) (type (%slot-record-type slot)))
        (cond ((or (eq type t) (%slot-record-initform-p slot))
               (push `((,(%keyword (%slot-record-name slot)) ,variable) ,(%slot-record-initform slot)) parameters)
               (push (%checked-value variable type) values))
              (t (push `((,(%keyword (%slot-record-name slot)) ,variable) nil ,supplied) parameters)
                 (push `(if ,supplied ,(%checked-value variable type) nil) values)))))
    `(defun ,name ,(if parameters `(&key ,@(%nreverse-list parameters)) '(&key))
       ,(funcall maker (%nreverse-list values)))))

(defun %boa-parameter (parameter slots)
  "Two values: the &OPTIONAL or &KEY spec PARAMETER, with the initial form of its slot when it has none of its own; its variable."
  (multiple-value-bind (keyword variable)
      (if (consp parameter)
          (%key-parameter-name parameter)
          (values nil parameter))
    (declare (ignore keyword))
    (let ((slot (%find-slot-record variable slots)))
      (values (if (and (consp parameter) (cdr parameter))
                  parameter
                  (list (if (consp parameter) (car parameter) parameter)
                        (if slot (%slot-record-initform slot) nil)))
              variable))))

(defun %boa-constructor-form (name lambda-list slots maker)
  "The DEFUN of the constructor NAME by position (CLHS 3.4.6)."
  (multiple-value-bind (required optional rest-p rest key-p keys allow aux) (%split-lambda-list lambda-list)
    (let ((variables required) (bound-aux nil) (unset nil))
      (flet ((default (parameter)
               (multiple-value-bind (spec variable) (%boa-parameter parameter slots)
                 (push variable variables)
                 spec)))
        (let ((optional (mapcar #'default optional))
              (keys (mapcar #'default keys)))
          (when rest-p
            (push rest variables))
          (dolist (parameter aux)
            (cond ((and (consp parameter) (cdr parameter))
                   (push parameter bound-aux)
                   (push (car parameter) variables))
                  (t (push (if (consp parameter) (car parameter) parameter) unset))))
          `(defun ,name (,@required
                         ,@(if optional `(&optional ,@optional) nil)
                         ,@(if rest-p `(&rest ,rest) nil)
                         ,@(if key-p `(&key ,@keys) nil)
                         ,@(if allow '(&allow-other-keys) nil)
                         ,@(if bound-aux `(&aux ,@(%nreverse-list bound-aux)) nil))
             ,(%boa-body slots variables unset maker)))))))

(defun %find-variable (name variables)
  "The symbol among VARIABLES spelt as NAME, or NIL."
  (dolist (variable variables nil)
    (when (%same-symbol-name-p variable name)
      (return variable))))

(defun %boa-body (slots variables unset maker)
  "The form that makes a structure whose slots take their values from VARIABLES; those among UNSET stay without value."
  (let ((bindings nil) (values nil))
    (dolist (slot slots)
      (let* ((name (%slot-record-name slot))
             (type (%slot-record-type slot))
             (variable (%find-variable name variables)))
        (cond (variable (push (%checked-value variable type) values))
              ((or (%find-variable name unset) (not (%slot-record-initform-p slot)))
               (push nil values))
              (t (let ((temporary (gensym)))
                   (push (list temporary (%slot-record-initform slot)) bindings)
                   (push (%checked-value temporary type) values))))))
    `(let* ,(%nreverse-list bindings)
       ,(funcall maker (%nreverse-list values)))))

(defun %constructor-forms (definition slots maker)
  (mapcar (lambda (spec)
            (if (cdr spec)
                (%boa-constructor-form (car spec) (car (cdr spec)) slots maker)
                (%keyword-constructor-form (car spec) slots maker)))
          (%definition-constructors definition)))

(defun %keyword-constructor (definition)
  "The name of the first constructor of DEFINITION that takes keywords, or NIL."
  (dolist (spec (%definition-constructors definition) nil)
    (unless (cdr spec)
      (return (car spec)))))

;;; The macro.

(defun %predicate-forms (predicate name depth)
  (cond ((null predicate) nil)
        (*%sealed* (%checked-predicate-forms predicate name depth))
        (t `((defun ,predicate (object)
               (and (%is instance object)
                    (%subtype-at-depth-p (%instance-class object) ,(%structure-class-form name) ,depth)))))))

(defun %copier-forms (copier name depth)
  (cond ((null copier) nil)
        (*%sealed* (%checked-copier-forms copier name depth))
        (t `((defun ,copier (object)
               (%copy-structure-of object ,(%structure-class-form name) ,depth))))))

(defun %structure-form (definition)
  "The expansion of a DEFSTRUCT whose structures are instances of a class of their own."
  (let* ((name (%definition definition :name))
         (include (%definition definition :include))
         (standard-p (%standard-name-p name))
         (superclass (%structure-superclass name include standard-p))
         (inherited (if include (%structure-slots superclass) nil))
         (depth (1+ (%class-depth superclass)))
         (slots (%with-accessors (append (%override-slots inherited (%definition definition :overrides))
                                         (%parse-slots (%definition definition :slots) inherited))
                                 (%definition-conc-name definition)))
         (predicate (%definition-name definition :predicate (lambda () (%symbol-from name "-P"))))
         (copier (%definition-name definition :copier (lambda () (%symbol-from "COPY-" name)))))
    `(progn
       (eval-when (:compile-toplevel :load-toplevel :execute)
         (%define-structure-class ',name ',include ',(mapcar #'%slot-record-name slots) ,standard-p)
         (%set-structure-slots ',name ',slots ',(%keyword-constructor definition)))
       ,@(if (%definition definition :printers)
             `((%set-structure-printers ',name ,(%definition definition :printers)))
             nil)
       ,@(%all-accessor-forms name slots inherited depth)
       ,@(%predicate-forms predicate name depth)
       ,@(%constructor-forms definition slots (%instance-maker name))
       ,@(%copier-forms copier name depth)
       ,@(%documentation-forms name 'type (%definition definition :documentation))
       ',name)))

(defmacro defstruct (name-and-options &body slots)
  (let ((definition (%parse-structure name-and-options slots)))
    (if (%definition definition :type)
        (%typed-structure-form definition)
        (%structure-form definition))))
