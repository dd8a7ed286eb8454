;;;; Constants in files that a compiled module can't hold as they are (CLHS 3.2.4): arrays other than simple vectors,
;;;; pathnames, structures, hash tables, whatever contains one of these, and circular objects.  The compiler describes them,
;;;; and they are made when the module is loaded.

(in-package :clysm)

;;; A description is a simple vector.  Each element describes one object, the first one the constant, as (KIND FIXED PART...),
;;; with the positions of the parts:
;;;   (:object (X))                          X itself
;;;   (:cons () CAR CDR)
;;;   (:vector () ELEMENT...)
;;;   (:array (DIMENSIONS TYPE) ELEMENT...)
;;;   (:pathname (NAMESTRING))
;;;   (:package (NAME))
;;;   (:hash-table (TEST) KEY VALUE...)
;;;   (:structure (NAME KEYWORD...) VALUE...)

(defun %describe-constant (object)
  "How OBJECT, which has no syntax that the compiler knows, can be made: (KIND FIXED PART...) with the parts themselves."
  (typecase object
    (pathname (list :pathname (list (namestring object))))
    (package (list :package (list (package-name object))))
    (array (list* :array
                  (list (array-dimensions object) (array-element-type object))
                  (loop for i below (array-total-size object) collect (row-major-aref object i))))
    (hash-table (list* :hash-table
                       (list (hash-table-test object))
                       (loop for key being the hash-keys of object using (hash-value value)
                             collect key
                             collect value)))
    (structure-object (%describe-structure object))
    (t (%not-yet-supported "a constant of type ~S in compiled code" (type-of object)))))

(defun %describe-structure (structure)
  (let* ((class (class-of structure))
         (slots (%structure-slot-names class)))
    (unless (getf (%class-options class) :constructor)
      (%not-yet-supported "a constant of type ~S, which has no constructor with keywords, in compiled code"
                          (%class-name class)))
    (list* :structure
           (cons (%class-name class)
                 (mapcar #'%keyword slots))
           (loop for nil in slots
                 for index from 2
                 collect (%array-ref instance structure index)))))

(defun %restore-constant (description)
  "The constant that DESCRIPTION describes."
  (let* ((count (length description))
         (objects (make-array count)))
    ;; What is not there yet is the vector itself.
    (fill objects objects)
    (dotimes (i count) (%restore-empty description objects i))
    (dotimes (i count) (%restore-structure description objects i))
    (dotimes (i count) (%restore-parts description objects i))
    ;; Hash codes depend on what keys contain.
    (dotimes (i count) (%restore-entries description objects i))
    (svref objects 0)))

(defun %restore-empty (description objects i)
  "Makes the object at I without its parts, unless it is a structure."
  (destructuring-bind (kind fixed . parts) (svref description i)
    (unless (eq kind :structure)
      (setf (svref objects i)
            (ecase kind
              (:object (first fixed))
              (:cons (cons nil nil))
              (:vector (make-array (length parts)))
              (:array (make-array (first fixed) :element-type (second fixed)))
              (:pathname (pathname (first fixed)))
              (:package (or (find-package (first fixed))
                            (%error 'package-error :package (first fixed))))
              (:hash-table (make-hash-table :test (first fixed))))))))

(defun %restore-structure (description objects i)
  "The object at I, which is made now if it is a structure that is not there yet."
  (let ((object (svref objects i)))
    (if (eq object objects)
        (destructuring-bind ((name . keywords) . parts) (cdr (svref description i))
          (setf (svref objects i)
                (apply (getf (%class-options (find-class name)) :constructor)
                       (loop for keyword in keywords
                             for part in parts
                             collect keyword
                             collect (%restore-structure description objects part)))))
        object)))

(defun %restore-parts (description objects i)
  "Fills in the parts of the cons or array at I."
  (destructuring-bind (kind fixed . parts) (svref description i)
    (declare (ignore fixed))
    (let ((object (svref objects i)))
      (case kind
        (:cons (setf (car object) (svref objects (first parts))
                     (cdr object) (svref objects (second parts))))
        ((:vector :array)
         (loop for part in parts
               for j from 0
               do (setf (row-major-aref object j) (svref objects part))))))))

(defun %restore-entries (description objects i)
  "Fills in the entries of the hash table at I."
  (destructuring-bind (kind fixed . parts) (svref description i)
    (declare (ignore fixed))
    (when (eq kind :hash-table)
      (loop for (key value) on parts by #'cddr
            do (setf (gethash (svref objects key) (svref objects i)) (svref objects value))))))
