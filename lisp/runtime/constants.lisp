;;;; Constants in files that a compiled module can't hold as they are (CLHS 3.2.4): arrays other than simple vectors,
;;;; pathnames, structures, whatever contains one of these, and circular objects.  The compiler describes them, and they
;;;; are made when the module is loaded.

(in-package :clysm)

;;; A description is a simple vector.  Each element describes one object; the first is the constant:
;;;   (:object X)                     X itself
;;;   (:cons CAR CDR)                 by their positions, as all parts are
;;;   (:vector ELEMENT...)
;;;   (:array DIMENSIONS TYPE ELEMENT...)
;;;   (:pathname NAMESTRING)
;;;   (:structure NAME KEYWORD VALUE...)

(defun %restore-constant (description)
  "The constant that DESCRIPTION describes."
  (let* ((count (length description))
         (objects (make-array count)))
    ;; What is not there yet is the vector itself.
    (fill objects objects)
    (dotimes (i count) (%restore-empty description objects i))
    (dotimes (i count) (%restore-structure description objects i))
    (dotimes (i count) (%restore-parts description objects i))
    (svref objects 0)))

(defun %restore-empty (description objects i)
  "Makes the object at I without its parts, unless it is a structure."
  (destructuring-bind (kind . rest) (svref description i)
    (ecase kind
      (:object (setf (svref objects i) (car rest)))
      (:cons (setf (svref objects i) (cons nil nil)))
      (:vector (setf (svref objects i) (make-array (length rest))))
      (:array (setf (svref objects i) (make-array (first rest) :element-type (second rest))))
      (:pathname (setf (svref objects i) (pathname (car rest))))
      (:structure))))

(defun %restore-structure (description objects i)
  "The object at I, which is made now if it is a structure that is not there yet."
  (let ((object (svref objects i)))
    (if (eq object objects)
        (destructuring-bind (name . initargs) (cdr (svref description i))
          (setf (svref objects i)
                (apply (getf (%class-options (find-class name)) :constructor)
                       (loop for (key value) on initargs by #'cddr
                             collect key
                             collect (%restore-structure description objects value)))))
        object)))

(defun %restore-parts (description objects i)
  "Fills in the parts of the object at I."
  (destructuring-bind (kind . rest) (svref description i)
    (let ((object (svref objects i)))
      (flet ((part (position) (svref objects position)))
        (case kind
          (:cons (setf (car object) (part (first rest))
                       (cdr object) (part (second rest))))
          (:vector (loop for position in rest
                         for j from 0
                         do (setf (svref object j) (part position))))
          (:array (loop for position in (cddr rest)
                        for j from 0
                        do (setf (row-major-aref object j) (part position)))))))))
