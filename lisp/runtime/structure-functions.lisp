;;;; What DEFSTRUCT expands into once preludes are sealed: functions made by the library, instead of primitives.
;;;;
;;;; A program can take every symbol of an expansion for uses of its own. So these functions give access to a class only when its
;;;; name isn't locked, and to the elements of its instances that hold slots. They are made once, by LOAD-TIME-VALUE, so that no check
;;;; of a name is left when they are called.

(in-package :clysm)

(defun %open-class (name depth)
  "The structure class NAME at DEPTH, for a program that defines it. An error when the name, or what it was given to, is locked."
  (unless (and (%fixnump depth) (<= 0 depth))
    (%type-error depth 'unsigned-byte))
  (%check-lock :structure name)
  (let ((class (%structure-class-object name)))
    (%check-class-lock class)
    class))

(defun %check-slot-index (index instance)
  "Signals unless INDEX is that of an element of INSTANCE that holds a slot."
  (unless (and (%fixnump index) (<= 2 index) (< index (%array-length instance instance)))
    (%type-error index `(integer 2 (,(%array-length instance instance))))))

(defun %slot-reader (name depth index)
  "The function that reads the slot at INDEX of structures NAME."
  (let ((class (%open-class name depth)))
    (lambda (object)
      (unless (%structure-instance-p object class depth)
        (%type-error object name))
      (%check-slot-index index object)
      (%array-ref instance object index))))

(defun %slot-writer (name depth index)
  "The function of a value and a structure NAME that writes its slot at INDEX."
  (let ((class (%open-class name depth)))
    (lambda (value object)
      (unless (%structure-instance-p object class depth)
        (%type-error object name))
      (%check-slot-index index object)
      (%array-set instance object index value)
      value)))

(defun %structure-test (name depth)
  "The predicate of structures NAME."
  (let ((class (%open-class name depth)))
    (lambda (object)
      (%structure-instance-p object class depth))))

(defun %structure-copier (name depth)
  (let ((class (%open-class name depth)))
    (lambda (object)
      (%copy-structure-of object class depth))))

(defun %structure-maker (name)
  "The function that makes a structure NAME of the values of all its slots."
  (let ((class (%open-class name 0)))
    (lambda (&rest values)
      (unless (= (length values) (length (%structure-slot-names class)))
        (%program-error "The structure ~S can't be made of ~D value~:P." name (length values)))
      (apply #'%make-instance class values))))

;;; The forms of DEFSTRUCT that call them.

(defun %checked-accessor-forms (name slot index depth)
  (let ((accessor (%slot-record-accessor slot)))
    `((defun ,accessor (object)
        (funcall (load-time-value (%slot-reader ',name ,depth ,index)) object))
      ,@(if (%slot-record-read-only slot)
            nil
            `((defun (setf ,accessor) (value object)
                ,@(%value-check-forms (%slot-record-type slot))
                (funcall (load-time-value (%slot-writer ',name ,depth ,index)) value object)))))))

(defun %checked-maker (name)
  (lambda (values)
    `(funcall (load-time-value (%structure-maker ',name)) ,@values)))

(defun %checked-predicate-forms (predicate name depth)
  `((defun ,predicate (object)
      (funcall (load-time-value (%structure-test ',name ,depth)) object))))

(defun %checked-copier-forms (copier name depth)
  `((defun ,copier (object)
      (funcall (load-time-value (%structure-copier ',name ,depth)) object))))
