;;;; Constants of a file that a module can't hold as they are (CLHS 3.2.4): they are described, and made when the module is loaded.

(in-package :clysm-compiler)

(defun convert-quoted (value)
  "A constant of the program."
  ;; What is loaded as source stays the object that was read.
  (if (or (host-loads-source *host*) (not (needs-description-p value)))
      (convert-literal value)
      (convert-load-time `(clysm::%restore-constant ',(describe-constant value)))))

;;; Whether a constant is to be described.

(defun needs-description-p (value)
  "Whether VALUE can't be written into a module as it is."
  (typecase value
    ((or symbol number character string) (special-object-p value))
    (t (search-constant value (make-hash-table :test #'eq)))))

(defun special-object-p (object)
  "Whether OBJECT is none of those that modules hold: numbers, characters, symbols, conses, and simple arrays of one dimension."
  (not (typep object '(or symbol number character cons (simple-array * (*))))))

(defun search-constant (object states)
  "Whether a part of OBJECT can't be written into a module, or contains itself. The hash table STATES says of conses and vectors
whether they contain the current part (:OPEN) or were seen to the end (:DONE)."
  (typecase object
    (cons (search-list object states))
    (simple-vector
     (case (gethash object states)
       (:done nil)
       (:open t)
       (t (setf (gethash object states) :open)
          (prog1 (some (lambda (part) (search-constant part states)) object)
            (setf (gethash object states) :done)))))
    (t (special-object-p object))))

(defun search-list (list states)
  (let ((chain '()) (rest list) (found nil))
    (loop
      (when (or found (atom rest) (eq (gethash rest states) :done))
        (return))
      (cond ((gethash rest states) (setq found t))
            (t (setf (gethash rest states) :open)
               (push rest chain)
               (setq found (search-constant (car rest) states))
               (setq rest (cdr rest)))))
    (unless (or found (consp rest))
      (setq found (search-constant rest states)))
    (dolist (cons chain found)
      (setf (gethash cons states) :done))))

(defstruct (structure-literal (:constructor make-structure-literal (body)) (:copier nil))
  "A structure of which only what follows #S is known: its name, slot names and values."
  body)

(defvar *structure-bodies* (make-hash-table :test #'eq)
  "What followed #S where structures were read.")

(defun structure-body (object)
  "What followed #S where OBJECT was read, or NIL."
  (if (structure-literal-p object)
      (structure-literal-body object)
      (values (gethash object *structure-bodies*))))

(defun structure-description (name slots)
  "(:STRUCTURE (NAME KEYWORD ...) VALUE ...)"
  (loop for (slot value) on slots by #'cddr
        collect (structure-slot-keyword slot) into keywords
        collect (labelled-value value) into values
        finally (return (list* :structure (cons name keywords) values))))

(defun labelled-value (value)
  "What VALUE stands for, which may be a reference to a structure around it."
  (if (and (clysm::%label-p value) (clysm::%label-defined value))
      (clysm::%label-value value)
      value))

;;; Descriptions.

(defstruct (positions (:constructor make-positions ()) (:copier nil) (:predicate nil))
  "The parts of a constant in the order in which they were met."
  (numbers (make-hash-table :test #'eql))
  (order (make-array 16 :adjustable t :fill-pointer 0)))

(defun position-of-part (part positions)
  (let ((numbers (positions-numbers positions)))
    (or (gethash part numbers)
        (setf (gethash part numbers)
              (vector-push-extend part (positions-order positions))))))

(defun describe-constant (value)
  "A vector that describes each part of VALUE, as lisp/runtime/constants.lisp says."
  (let* ((positions (make-positions))
         (order (positions-order positions))
         (entries '()))
    (position-of-part value positions)
    (do ((next 0 (+ next 1)))
        ((eql next (length order)) (coerce (nreverse entries) 'simple-vector))
      (push (describe-part (aref order next) positions) entries))))

(defun describe-part (part positions)
  "(KIND FIXED PART ...) with the positions of the parts."
  (destructuring-bind (kind fixed . parts) (part-description part)
    (list* kind fixed (mapcar (lambda (part) (position-of-part part positions)) parts))))

(defun part-description (part)
  "(KIND FIXED PART ...) with the parts themselves."
  (cond ((consp part) (list :cons '() (car part) (cdr part)))
        ((simple-vector-p part) (list* :vector '() (coerce part 'list)))
        ((structure-body part)
         (structure-description (car (structure-body part)) (cdr (structure-body part))))
        ((special-object-p part)
         (convert-ask (lambda () (clysm::%describe-constant part))
                      (lambda () "a constant")))
        (t (list :object (list part)))))

(defun structure-slot-keyword (slot)
  "The keyword that stands for a slot in #S (CLHS 2.4.8.13)."
  (unless (or (symbolp slot) (stringp slot))
    (compile-failure :malformed "#S" "not a structure name, slot names and values"))
  (intern (string slot) (load-time-value (find-package "KEYWORD"))))
