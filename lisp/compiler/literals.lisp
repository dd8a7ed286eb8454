;;;; The literals of a unit: each object once, in the order of first use; and the functions referred to by name.
;;;;
;;;; A literal is (:datum OBJECT) or (:symbols SYMBOLS), a simple-vector of symbols. Objects that are similar (CLHS 3.2.4.2.2)
;;;; share a literal, so that it does not matter how often a form was copied.

(in-package :clysm-compiler)

(define-condition link-failure (error)
  ((text :initarg :text :reader link-failure-text))
  (:documentation "Forms that don't become a module.")
  (:report (lambda (condition stream) (write-string (link-failure-text condition) stream))))

(defun link-failure (control &rest arguments)
  "Signals that forms don't become a module."
  (error 'link-failure :text (apply #'format nil control arguments)))

(defun literal-failure (what)
  "Signals that a constant can't be written into a module."
  (link-failure "not yet supported: ~A in compiled code" what))

(defstruct (literal-pool (:copier nil))
  "Literals and the functions referred to by name."
  (objects (make-array 16 :adjustable t :fill-pointer 0))
  (numbers (make-hash-table :test 'equal))      ; the literals' numbers, by keys that are EQUAL for similar objects
  (large-numbers (make-hash-table :test 'eq))   ; those of objects without a key
  (symbol-vectors (make-hash-table :test 'equal)) ; those of vectors of symbols, by the lists
  (function-list '())                           ; the symbols whose function cells the code reads, the last one first
  (function-set (make-hash-table :test 'eq))
  (mention-list '())                            ; the symbols that are only mentioned, likewise
  (mention-set (make-hash-table :test 'eq)))

;;; EQUAL is similarity but for vectors that are neither strings nor bit vectors; those become lists in the keys.

(defparameter *literal-depth-limit* 1000
  "Deeper nesting is taken for circular structure.")

(defparameter *similarity-limit* 100000
  "The most parts of an object that is compared with others.")

(defun keyed-vector-p (object)
  "Whether an object is a vector that EQUAL compares by identity."
  (and (vectorp object)
       (not (stringp object))
       (not (bit-vector-p object))))

(defvar *keyed-vectors-p* nil
  "Whether a vector that EQUAL compares by identity was among the parts that were counted.")

(defun parts-left (object depth left)
  "Takes the parts of OBJECT, which is nested DEPTH deep, from LEFT; NIL if there are more than that, as in a circular object."
  (loop while (consp object)
        do (setq left (and (> left 0) (< depth *literal-depth-limit*)
                           (parts-left (pop object) (+ depth 1) (- left 1))))
           (if (null left)
               (return-from parts-left nil)))
  (decf left)
  (cond ((< left 0) nil)
        ((simple-vector-p object)
         (setq *keyed-vectors-p* t)
         (loop for element across object
               do (setq left (and (< depth *literal-depth-limit*)
                                  (parts-left element (+ depth 1) left)))
               while left)
         left)
        (t (if (keyed-vector-p object)
               (setq *keyed-vectors-p* t))
           left)))

(defun similarity-key (object)
  "What stands for OBJECT in a key."
  (cond ((consp object)
         (let ((elements '()))
           (loop while (consp object)
                 do (push (similarity-key (pop object)) elements))
           (nreconc elements (similarity-key object))))
        ((keyed-vector-p object)
         (list* 'similarity-key (array-element-type object) (map 'list #'similarity-key object)))
        (t object)))

(defun literal-key (object)
  "A key that is EQUAL to those of similar objects only; the second value is false if OBJECT is circular, or so large that it may
be."
  (if (or (consp object) (keyed-vector-p object))
      (let ((*keyed-vectors-p* nil))
        (cond ((null (parts-left object 0 *similarity-limit*)) (values nil nil))
              (*keyed-vectors-p* (values (similarity-key object) t))
              (t (values object t))))
      (values object t)))

(defun literal-pool-push (pool literal)
  "Adds a literal; returns its number."
  (vector-push-extend literal (literal-pool-objects pool)))

(defun literal-pool-add (pool object)
  "The number of the literal for an object."
  (multiple-value-bind (key found) (literal-key object)
    (let ((numbers (if found (literal-pool-numbers pool) (literal-pool-large-numbers pool)))
          (key (if found key object)))
      (or (gethash key numbers)
          (setf (gethash key numbers) (literal-pool-push pool (list :datum object)))))))

(defun literal-pool-add-symbols (pool symbols)
  "The number of the literal for a simple-vector of SYMBOLS, a list."
  (let ((numbers (literal-pool-symbol-vectors pool)))
    (or (gethash symbols numbers)
        (setf (gethash symbols numbers) (literal-pool-push pool (list :symbols symbols))))))

(defun literal-pool-note-function (pool symbol)
  "Notes that the code reads a symbol's function cell."
  (let ((set (literal-pool-function-set pool)))
    (unless (gethash symbol set)
      (setf (gethash symbol set) t)
      (push symbol (literal-pool-function-list pool)))
    nil))

(defun literal-pool-note-mention (pool object)
  "Notes that the code needs what is defined for a symbol, though it does not refer to it."
  (let ((set (literal-pool-mention-set pool)))
    (when (and (symbolp object) (not (gethash object set)))
      (setf (gethash object set) t)
      (push object (literal-pool-mention-list pool)))
    nil))

(defun literal-pool-functions (pool)
  "The symbols whose function cells the code reads, in the order in which that was noted."
  (reverse (literal-pool-function-list pool)))

(defun literal-pool-mentions (pool)
  "The symbols that are only mentioned, in the order in which that was noted."
  (reverse (literal-pool-mention-list pool)))
