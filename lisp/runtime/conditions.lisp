;;;; Condition classes, DEFINE-CONDITION, handlers (CLHS 9.1, 9.2). The standard condition types are in
;;;; condition-types.lisp, restarts in restarts.lisp, WARN, the debugger and so on in signalling.lisp.

(in-package :clysm)

;;; The established handlers: a list of clusters, innermost first; a cluster is a list of (type . function).
(defvar *%handlers* '())
(defvar *break-on-signals* nil)
(defvar *debugger-hook* nil)

;;; Condition classes. A class keeps in its options
;;;   :direct-slots     the slots of its own DEFINE-CONDITION, as %condition-slot records
;;;   :default-initargs its own, as a list of (initarg form function)
;;;   :report           its own: a string, a function of condition and stream, or NIL
;;; and in its slots the effective %condition-slot records, in the order of the instance's elements.

(defstruct (%condition-slot (:constructor %make-condition-slot
                                (name initargs initfunction readers writers allocation type))
                            (:copier nil) (:predicate nil))
  name
  initargs
  initfunction                  ; a function of no arguments, or NIL for none
  readers writers               ; function names
  allocation                    ; :INSTANCE or the cons whose car is the shared value
  type)

(defun %condition-p (x)
  (and (%is instance x) (%subclassp (%instance-class x) (find-class 'condition))))

(defun %merge-condition-slot (slot inherited)
  "The effective slot of SLOT where a less specific class has INHERITED of the same name."
  (%make-condition-slot (%condition-slot-name slot)
                        (union (%condition-slot-initargs slot) (%condition-slot-initargs inherited))
                        (or (%condition-slot-initfunction slot) (%condition-slot-initfunction inherited))
                        (union (%condition-slot-readers slot) (%condition-slot-readers inherited) :test #'equal)
                        (union (%condition-slot-writers slot) (%condition-slot-writers inherited) :test #'equal)
                        (%condition-slot-allocation slot)
                        (%condition-slot-type slot)))

(defun %effective-condition-slots (precedence-list)
  "The slots of a class with PRECEDENCE-LIST, the least specific class's first."
  (let ((result '()))
    (dolist (class (reverse precedence-list) (nreverse result))
      (dolist (slot (getf (%class-options class) :direct-slots))
        (let ((same (member (%condition-slot-name slot) result :key #'%condition-slot-name)))
          (if same
              (setf (car same) (%merge-condition-slot slot (car same)))
              (push slot result)))))))

(defun %define-condition (name parents slots default-initargs report documentation)
  "Makes or redefines the condition class NAME; the work of DEFINE-CONDITION."
  (let ((superclasses (mapcar (lambda (parent)
                                (let ((class (find-class parent)))
                                  (unless (%condition-class-p class)
                                    (%error "~S can't be a parent of the condition type ~S: it is no condition type."
                                           parent name))
                                  class))
                              parents)))
    (%ensure-condition-class name superclasses
                             (list :direct-slots slots :default-initargs default-initargs :report report))
    (when documentation (setf (documentation name 'type) documentation))
    name))

;;; Slots of instances.

(defun %condition-slot-index (slots name)
  "The element of an instance with effective SLOTS that holds the slot NAME, and its record; or NIL."
  (let ((index 2))
    (dolist (slot slots (values nil nil))
      (when (eq (%condition-slot-name slot) name) (return (values index slot)))
      (setq index (1+ index)))))

(defun %instance-element (condition index)
  "The element INDEX of CONDITION; unbound if CONDITION was made before its class got that slot."
  (if (< index (%array-length instance condition))
      (%array-ref instance condition index)
      (%unbound)))

(defun %condition-element (condition index slot)
  (let ((value (if (consp (%condition-slot-allocation slot))
                   (car (%condition-slot-allocation slot))
                   (%instance-element condition index))))
    (when (eq value (%unbound))
      (%error 'unbound-slot :instance condition :name (%condition-slot-name slot)))
    value))

(defun %set-condition-element (condition index slot value)
  (if (consp (%condition-slot-allocation slot))
      (setf (car (%condition-slot-allocation slot)) value)
      (%array-set instance condition index value)))

(defun %read-condition (condition reader class-name)
  "The value of the slot of CONDITION whose readers include READER, a function that CLASS-NAME's definition made."
  (if (%is instance condition)
      (let ((index 2))
        (dolist (slot (%class-slots (%instance-class condition)) (%type-error condition class-name))
          (when (member reader (%condition-slot-readers slot) :test #'equal)
            (return (%condition-element condition index slot)))
          (setq index (1+ index))))
      (%type-error condition class-name)))

(defun %write-condition (condition writer class-name value)
  (if (%is instance condition)
      (let ((index 2))
        (dolist (slot (%class-slots (%instance-class condition)) (%type-error condition class-name))
          (when (member writer (%condition-slot-writers slot) :test #'equal)
            (return (%set-condition-element condition index slot value)))
          (setq index (1+ index))))
      (%type-error condition class-name)))

;;; DEFINE-CONDITION.

(defun %condition-slot-form (spec)
  "Parses a slot specifier: the form that makes its record, its readers and its writers (function names)."
  (let ((name (if (consp spec) (car spec) spec))
        (initargs '()) (initform nil) (initform-p nil) (readers '()) (writers '())
        (allocation :instance) (type t))
    (do ((options (and (consp spec) (cdr spec)) (cddr options)))
        ((null options))
      (let ((key (car options)) (value (cadr options)))
        (case key
          (:initarg (push value initargs))
          (:initform (when initform-p (%program-error "Two initforms for the slot ~S." name))
           (setq initform value initform-p t))
          (:reader (push value readers))
          (:writer (push value writers))
          (:accessor (push value readers) (push `(setf ,value) writers))
          (:allocation (setq allocation value))
          (:type (setq type value))
          (:documentation)
          (t (%program-error "Unknown option ~S of the condition slot ~S." key name)))))
    (values `(%make-condition-slot ',name ',(reverse initargs)
                                   ,(if initform-p `(lambda () ,initform) nil)
                                   ',(reverse readers) ',(reverse writers)
                                   ,(if (eq allocation :class)
                                        (if initform-p `(list ,initform) '(list (%unbound)))
                                        :instance)
                                   ',type)
            (nreverse readers)
            (nreverse writers))))

(defun %default-initargs-form (plist)
  (let ((forms '()))
    (do ((rest plist (cddr rest)))
        ((null rest) `(list ,@(nreverse forms)))
      (push `(list ',(car rest) ',(cadr rest) (lambda () ,(cadr rest))) forms))))

(defmacro define-condition (name parents slot-specs &rest options)
  (let ((slot-forms '()) (accessors '()) (default-initargs nil) (report nil) (documentation nil))
    (dolist (spec slot-specs)
      (multiple-value-bind (form readers writers) (%condition-slot-form spec)
        (push form slot-forms)
        (dolist (reader readers)
          (push `(defun ,reader (condition) (%read-condition condition ',reader ',name)) accessors))
        (dolist (writer writers)
          (push `(defun ,writer (value condition) (%write-condition condition ',writer ',name value)) accessors))))
    (dolist (option options)
      (case (car option)
        (:report (setq report (if (stringp (cadr option)) (cadr option) `(function ,(cadr option)))))
        (:documentation (setq documentation (cadr option)))
        (:default-initargs (setq default-initargs (%default-initargs-form (cdr option))))
        (t (%program-error "Unknown option ~S of the condition type ~S." (car option) name))))
    `(progn
       (%define-condition ',name ',(or parents '(condition)) (list ,@(nreverse slot-forms))
                          ,default-initargs ,report ,documentation)
       ,@(nreverse accessors)
       ',name)))

;;; MAKE-CONDITION.

(defun %condition-class-named (type)
  "The condition class that the type specifier TYPE stands for, or NIL. Of a union it is the first one, of an
intersection one that inherits from all."
  (let ((class (cond ((symbolp type) (find-class type nil))
                     ((and (%is instance type) (%condition-class-p type)) type)
                     ((and (consp type) (eq (car type) 'or)) (%condition-class-named (cadr type)))
                     ((and (consp type) (eq (car type) 'and))
                      (%common-subclass (mapcar #'%condition-class-named (cdr type))))
                     (t nil))))
    (and class (%condition-class-p class) class)))

(defun %common-subclass (classes)
  "A class that inherits from all of CLASSES, the first found below the first of them, or NIL."
  (let ((work (list (car classes))))
    (do () ((or (null work) (member nil classes :test #'eq)) nil)
      (let ((class (pop work)))
        (when (dolist (other (cdr classes) t)
                (unless (%subclassp class other) (return nil)))
          (return class))
        (setq work (append work (%class-direct-subclasses class)))))))

(defun %initarg-value (slot initargs)
  "The tail of the plist INITARGS that begins with the leftmost initarg of SLOT, or NIL."
  (let ((names (%condition-slot-initargs slot)))
    (and names
         (do ((rest initargs (cddr rest)))
             ((null rest) nil)
           (when (member (car rest) names :test #'eq) (return rest))))))

(defun %check-initargs (class initargs)
  (do ((rest initargs (cddr rest)))
      ((null rest))
    (unless (and (consp rest) (consp (cdr rest)))
      (%program-error "Odd number of initialization arguments for ~S: ~S" (%class-name class) initargs))
    (unless (or (eq (car rest) :allow-other-keys)
                (getf initargs :allow-other-keys)
                (dolist (slot (%class-slots class) nil)
                  (when (member (car rest) (%condition-slot-initargs slot) :test #'eq) (return t))))
      (%program-error "~S is no initialization argument of ~S." (car rest) (%class-name class)))))

(defun %with-default-initargs (class initargs)
  "INITARGS followed by those default initargs of CLASS that it lacks."
  (let ((extra '()))
    (dolist (c (%class-precedence-list class))
      (dolist (default (getf (%class-options c) :default-initargs))
        (unless (or (%plist-has initargs (car default)) (%plist-has extra (car default)))
          (setq extra (append extra (list (car default) (funcall (caddr default))))))))
    (if extra (append initargs extra) initargs)))

(defun %plist-has (plist key)
  (do ((rest plist (cddr rest)))
      ((null rest) nil)
    (when (eq (car rest) key) (return t))))

(defun make-condition (type &rest initargs)
  (let ((class (%condition-class-named type)))
    (unless class (%type-error type '(satisfies %condition-class-named)))
    (%check-initargs class initargs)
    (let* ((slots (%class-slots class))
           (arguments (%with-default-initargs class initargs))
           (condition (%allocate-instance class (length slots)))
           (index 2))
      (dolist (slot slots condition)
        (let ((argument (%initarg-value slot arguments)))
          (cond (argument (%set-condition-element condition index slot (cadr argument)))
                ((consp (%condition-slot-allocation slot)))
                ((%condition-slot-initfunction slot)
                 (%array-set instance condition index (funcall (%condition-slot-initfunction slot))))))
        (setq index (1+ index))))))

(defun %coerce-to-condition (datum arguments default-type)
  "The condition that the condition designator DATUM with ARGUMENTS stands for (CLHS 9.1.2.1)."
  (cond ((symbolp datum) (apply #'make-condition datum arguments))
        ((or (stringp datum) (functionp datum))
         (make-condition default-type :format-control datum :format-arguments arguments))
        ((%condition-p datum)
         (when arguments
           (%program-error "Arguments beside a condition object: ~S" arguments))
         datum)
        ((%condition-class-named datum) (apply #'make-condition datum arguments))
        (t (%type-error datum '(or symbol string function condition)))))

(defun %report-condition (condition stream)
  "Writes the report of CONDITION: that of the most specific class that has one."
  (dolist (class (%class-precedence-list (%instance-class condition))
                 (format stream "The condition ~S was signalled." (%class-name (%instance-class condition))))
    (let ((report (getf (%class-options class) :report)))
      (when report
        (return (if (stringp report)
                    (write-string report stream)
                    (funcall report condition stream)))))))

;;; Handlers.

(defun %handles-p (type condition)
  "TYPEP without the type system for what handlers nearly always name: a condition class."
  (let ((class (and (symbolp type) (find-class type nil))))
    (if class
        (%subclassp (%instance-class condition) class)
        (typep condition type))))

(defmacro handler-bind (bindings &body body)
  (if (null bindings)
      `(progn ,@body)
      `(let ((*%handlers*
               (cons (list ,@(mapcar (lambda (binding)
                                       (unless (and (consp binding) (consp (cdr binding)) (null (cddr binding)))
                                         (%program-error "Malformed HANDLER-BIND binding: ~S" binding))
                                       `(cons ',(car binding) ,(cadr binding)))
                                     bindings))
                     *%handlers*)))
         ,@body)))

(defun %handler-clause-body (lambda-list body value)
  "The form that runs a HANDLER-CASE clause on the condition that the form VALUE gives."
  (if lambda-list
      `(let ((,(car lambda-list) ,value)) ,@body)
      `(let () ,@body)))

(defun %handler-case-one (form clause)
  "HANDLER-CASE with a single clause: the condition comes out as the value of a block."
  (destructuring-bind (type lambda-list &rest body) clause
    (let ((block (gensym "HANDLER-CASE")) (exit (gensym "HANDLER")))
      `(block ,block
         ,(let ((protected
                  `(block ,exit
                     (let ((*%handlers*
                             (cons (list (cons ',type (lambda (c) (return-from ,exit c)))) *%handlers*)))
                       (return-from ,block ,form)))))
            (if lambda-list
                (%handler-clause-body lambda-list body protected)
                `(progn ,protected (let () ,@body))))))))

(defun %handler-case-many (form clauses)
  "HANDLER-CASE with several clauses: each handler goes to its clause's tag."
  (let* ((block (gensym "HANDLER-CASE"))
         (condition (gensym "CONDITION"))
         (tags (mapcar (lambda (clause) (declare (ignore clause)) (gensym "HANDLER")) clauses)))
    `(block ,block
       (let ((,condition nil))
         (tagbody
            (let ((*%handlers*
                    (cons (list ,@(mapcar (lambda (clause tag)
                                            `(cons ',(car clause)
                                                   (lambda (c) (setq ,condition c) (go ,tag))))
                                          clauses tags))
                          *%handlers*)))
              (return-from ,block ,form))
            ,@(mapcan (lambda (clause tag)
                        (list tag
                              `(return-from ,block
                                 ,(%handler-clause-body (cadr clause) (cddr clause) condition))))
                      clauses tags))))))

(defmacro handler-case (form &rest clauses)
  (let ((no-error (assoc :no-error clauses)))
    (cond (no-error
           (let ((normal (gensym "NORMAL")) (handled (gensym "HANDLED")))
             `(block ,handled
                (multiple-value-call (lambda ,@(cdr no-error))
                  (block ,normal
                    (return-from ,handled
                      (handler-case (return-from ,normal ,form)
                        ,@(%delq no-error clauses))))))))
          ((null clauses) form)
          ((null (cdr clauses)) (%handler-case-one form (car clauses)))
          (t (%handler-case-many form clauses)))))

(defmacro ignore-errors (&body body)
  `(handler-case (progn ,@body)
     (error (c) (values nil c))))

;;; Signalling.

(defun %signal (condition)
  "Runs the handlers that apply to CONDITION, innermost first, each with the handlers outside its own."
  (when (and *break-on-signals* (typep condition *break-on-signals*))
    (let ((*break-on-signals* nil))
      (break "~A~%BREAK was entered because of *BREAK-ON-SIGNALS*." condition)))
  (do ((clusters *%handlers* (cdr clusters)))
      ((null clusters) nil)
    (dolist (handler (car clusters))
      (when (%handles-p (car handler) condition)
        (let ((*%handlers* (cdr clusters)))
          (funcall (cdr handler) condition))))))

(defun signal (datum &rest arguments)
  (%signal (%coerce-to-condition datum arguments 'simple-condition))
  nil)

(defun error (datum &rest arguments)
  (let ((condition (%coerce-to-condition datum arguments 'simple-error)))
    (%signal condition)
    (invoke-debugger condition)))

;;; From here on the library's own errors are conditions, in a program in which somebody may look at them.

(defun %use-conditions (variable)
  "Has the library signal conditions; VARIABLE is what a program mentions that must be told of them."
  (declare (ignore variable))
  (setq *%signaller* (lambda (datum arguments) (apply #'error datum arguments))
        *%warner* (lambda (&rest arguments) (apply #'warn arguments))))

(%use-conditions '*%handlers*)
(%use-conditions '*debugger-hook*)
(%use-conditions '*break-on-signals*)
