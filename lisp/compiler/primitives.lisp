;;;; The primitive operations: Wasm instructions that Lisp code in the library names directly. The table of them, and what its rows mean,
;;;; is in lisp/generated/primitives.lisp.

(in-package :clysm-compiler)

(defstruct (primitive (:copier nil))
  "One primitive."
  (number 0 :type fixnum)               ; its position among all
  name                                  ; the operator's name, a string in lower case
  operation                             ; what it does
  params                                ; the operands' representations; typed operations derive them from the type
  result)                               ; the result's representation, likewise

(defun primitives ()
  "Every primitive; the position is its number."
  (coerce (loop for (name operation params result) in clysm::*primitives*
                for number from 0
                collect (make-primitive :number number :name name :operation operation :params params :result result))
          'simple-vector))

(defparameter *primitives* (primitives)
  "The primitives by number.")

(defun primitives-by-symbol ()
  "A hash table of the primitives by the symbol of CLYSM that names them."
  (let ((table (make-hash-table :test 'eq))
        (clysm (find-package "CLYSM")))
    (loop for primitive across *primitives*
          do (setf (gethash (intern (string-upcase (primitive-name primitive)) clysm) table) primitive))
    table))

(defparameter *primitives-by-symbol* (primitives-by-symbol)
  "The primitives by symbol.")

(defun find-primitive (symbol)
  "The primitive that a symbol names, or NIL."
  (values (gethash symbol *primitives-by-symbol*)))

(defun named-import-module (kind)
  "The import module of what primitives of the KIND call."
  (ecase kind
    (:tool "clysm:tool")
    (:upstream "clysm:upstream")))
