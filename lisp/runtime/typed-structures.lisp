;;;; DEFSTRUCT with :TYPE: structures that are lists or vectors (CLHS 8.1.1, option :TYPE).
;;;;
;;;; The info :typed-structure of the name is (TYPE LAYOUT): LAYOUT has one entry for each element of the sequence: a slot record,
;;;; (:name . NAME) for the name of a :NAMED structure, or NIL for an element that :INITIAL-OFFSET skips.

(in-package :clysm)

(defun %slot-entry-p (entry)
  (and entry (not (eq (car entry) :name))))

(defun %layout-slots (layout)
  (let ((slots nil))
    (dolist (entry layout (%nreverse-list slots))
      (when (%slot-entry-p entry)
        (push entry slots)))))

(defun %included-layout (definition)
  "The layout of the structure that DEFINITION includes, its slots overridden; NIL when it includes none."
  (let ((include (%definition definition :include)))
    (if (null include)
        nil
        (let ((known (%info include :typed-structure)))
          (unless (and known (equal (car known) (%definition definition :type)))
            (%error "~S cannot include ~S, which is no structure of type ~S."
                   (%definition definition :name) include (%definition definition :type)))
          (let ((slots (%override-slots (%layout-slots (car (cdr known))) (%definition definition :overrides))))
            (mapcar (lambda (entry)
                      (if (%slot-entry-p entry) (pop slots) entry))
                    (car (cdr known))))))))

(defun %typed-layout (definition)
  "Two values: the layout of a structure defined by DEFINITION, and the length of what it includes."
  (let* ((included (%included-layout definition))
         (offset (or (%definition definition :initial-offset) 0))
         (own (%parse-slots (%definition definition :slots) (%layout-slots included)))
         (conc-name (%definition-conc-name definition))
         (entries (append included
                          (mapcar (lambda (i) (declare (ignore i)) nil) (%iota offset))
                          (if (%definition definition :named)
                              (list (cons :name (%definition definition :name)))
                              nil)
                          own)))
    (values (mapcar (lambda (entry)
                      (if (%slot-entry-p entry)
                          (car (%with-accessors (list entry) conc-name))
                          entry))
                    entries)
            included)))

(defun %list-type-p (type)
  "True for the :TYPE list. PROGRAM-ERROR for anything that is neither list nor vector."
  (cond ((eq type 'list) t)
        ((or (eq type 'vector) (and (consp type) (eq (car type) 'vector))) nil)
        (t (%program-error "~S is no representation of a structure" type))))

(defun %typed-accessor-forms (slot index list-p)
  (let ((place (if list-p `(nth ,index object) `(aref object ,index)))
        (accessor (%slot-record-accessor slot)))
    `((defun ,accessor (object) ,place)
      ,@(if (%slot-record-read-only slot)
            nil
            `((defun (setf ,accessor) (value object)
                ,@(%value-check-forms (%slot-record-type slot))
                (setf ,place value)))))))

(defun %all-typed-accessor-forms (layout included list-p)
  (let ((forms nil) (index 0) (inherited (%layout-slots included)))
    (dolist (entry layout forms)
      (when (%slot-entry-p entry)
        (let ((same (%find-slot-record (%slot-record-name entry) inherited)))
          (unless (and same (eq (%slot-record-accessor same) (%slot-record-accessor entry)))
            (setq forms (append forms (%typed-accessor-forms entry index list-p))))))
      (setq index (1+ index)))))

(defun %sequence-maker (layout type)
  "A function that gives the form for a new structure of LAYOUT, a list or vector as TYPE says, from the value forms of the slots."
  (lambda (values)
    (let ((elements (mapcar (lambda (entry)
                              (cond ((null entry) nil)
                                    ((%slot-entry-p entry) (pop values))
                                    (t `',(cdr entry))))
                            layout)))
      (if (%list-type-p type)
          `(list ,@elements)
          (%vector-maker-form layout elements (if (consp type) (car (cdr type)) t))))))

(defun %vector-maker-form (layout elements element-type)
  "A form for a vector of ELEMENT-TYPE with the values of the forms ELEMENTS; those that LAYOUT skips keep the initial content."
  (if (or (eq element-type t) (eq element-type '*))
      `(vector ,@elements)
      (let ((index -1) (tail elements))
        `(let ((object (make-array ,(%list-length elements) :element-type ',element-type)))
           ,@(mapcan (lambda (entry)
                       (setq index (1+ index))
                       (let ((element (pop tail)))
                         (if entry
                             (list `(setf (aref object ,index) ,element))
                             nil)))
                     layout)
           object))))

(defun %name-index (layout)
  "The index of the last name among the entries of LAYOUT, or NIL when the structure is not named."
  (let ((index 0) (found nil))
    (dolist (entry layout found)
      (when (and entry (eq (car entry) :name))
        (setq found index))
      (setq index (1+ index)))))

(defun %typed-predicate-forms (definition layout list-p)
  (let* ((name (%definition definition :name))
         (named (%definition definition :named))
         (predicate (if (or named (%definition definition :predicate))
                        (%definition-name definition :predicate (lambda () (%symbol-from name "-P")))
                        nil))
         (index (%name-index layout)))
    (cond ((null predicate) nil)
          ((not named)
           (%error "The structure ~S has no name in it, so there can be no predicate" name))
          (list-p
           `((defun ,predicate (object)
               (%named-list-p object ,index ',name))))
          (t
           `((defun ,predicate (object)
               (and (vectorp object)
                    (< ,index (length object))
                    (eq (aref object ,index) ',name))))))))

(defun %named-list-p (object index name)
  "True when OBJECT is a list whose element INDEX is NAME."
  (do ((i index (1- i)) (tail object (cdr tail)))
      ((eq i 0) (and (consp tail) (eq (car tail) name)))
    (unless (consp tail)
      (return nil))))

(defun %check-name-fits (name type)
  "Signals an error if the elements of TYPE, a list or vector, can't hold the NAME of a structure (CLHS DEFSTRUCT, option :TYPE)."
  (let ((element-type (if (consp type) (car (cdr type)) t)))
    (unless (or (member element-type '(t *)) (typep name (upgraded-array-element-type element-type)))
      (%error "The structure ~S can't be named: elements of ~S hold no symbols." name type))))

(defun %typed-structure-form (definition)
  "The expansion of a DEFSTRUCT with the option :TYPE."
  (let* ((name (%definition definition :name))
         (type (%definition definition :type))
         (list-p (%list-type-p type))
         (copier (%definition-name definition :copier (lambda () (%symbol-from "COPY-" name)))))
    (when (%definition definition :printers)
      (%program-error "The structure ~S is a ~S and cannot have a print option" name type))
    (when (%definition definition :named)
      (%check-name-fits name type))
    (multiple-value-bind (layout included) (%typed-layout definition)
      `(progn
         (eval-when (:compile-toplevel :load-toplevel :execute)
           (%set-info ',name :typed-structure '(,type ,layout)))
         ,@(%all-typed-accessor-forms layout included list-p)
         ,@(%typed-predicate-forms definition layout list-p)
         ,@(%constructor-forms definition (%layout-slots layout) (%sequence-maker layout type))
         ,@(if copier
               `((defun ,copier (object) ,(if list-p '(copy-list object) '(copy-seq object))))
               nil)
         ,@(%documentation-forms name 'type (%definition definition :documentation))
         ',name))))
