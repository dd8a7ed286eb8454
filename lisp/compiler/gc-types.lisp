;;;; The WasmGC types of the object model, over the table of lisp/generated/gc-types.lisp; value types; and the entries
;;;; through which function objects are called.
;;;;
;;;; A type of the table is the keyword of its name. A value type is :i32, :i64, :f32, :f64, (:ref HEAP), (:ref-null HEAP),
;;;; where HEAP is a type of the table or an abstract heap type, :eq for the object reference (ref eq), or :array-ref for
;;;; the nullable abstract array of host imports. Storages are value types, :i8 and :i16.

(in-package :clysm-compiler)

;;; The table. It is there at compile time as well, since indices of types that are known then become constants.

(eval-when (:compile-toplevel :load-toplevel :execute)
  (defun type-keyword (name)
    "The keyword of a name that is a string in lower case."
    (intern (string-upcase name) :keyword))

  (defun storage-of-row (storage)
    "A storage as the generated table has it, with the keyword of the type that it refers to."
    (if (consp storage)
        (list (first storage) (type-keyword (second storage)))
        storage))

  (defun layout-of-row (row)
    "The layout of a type: (:struct ((NAME STORAGE)…)) or (:array STORAGE)."
    (destructuring-bind (name kind description) row
      (declare (ignore name))
      (list kind
            (if (eq kind :struct)
                (mapcar (lambda (field) (list (first field) (storage-of-row (second field)))) description)
                (storage-of-row description)))))

  (defparameter *gc-type-names*
    (map 'simple-vector (lambda (row) (type-keyword (first row))) clysm::*gc-types*)
    "Every type in the order of the indices.")

  (defparameter *gc-type-indices*
    (let ((indices (make-hash-table :test 'eq)))
      (dotimes (index (length *gc-type-names*) indices)
        (setf (gethash (svref *gc-type-names* index) indices) index)))
    "The index of each type.")

  (defun gc-type-index (type)
    "The index of a type, the same in every module."
    (or (gethash type *gc-type-indices*)
        (error "~S is not a type of the object model." type))))

(define-compiler-macro gc-type-index (&whole form type)
  (if (keywordp type)
      (gc-type-index type)
      form))

(defparameter *gc-type-layouts*
  (map 'simple-vector #'layout-of-row clysm::*gc-types*)
  "The layout of each type by its index.")

(defparameter *gc-type-strings*
  (map 'simple-vector #'first clysm::*gc-types*)
  "The name of each type by its index.")

(defun gc-type-count ()
  "The number of types."
  (length *gc-type-names*))

(defun gc-type (index)
  "The type of an index, NIL if there is none."
  (if (< -1 index (length *gc-type-names*))
      (svref *gc-type-names* index)))

(defun gc-type-by-name (name)
  "The type whose name is the string NAME, in lower case, NIL if there is none."
  (let ((index (position name *gc-type-strings* :test #'string=)))
    (and index (svref *gc-type-names* index))))

(defun gc-type-name (type)
  "The name of a type, as primitives spell it."
  (svref *gc-type-strings* (gc-type-index type)))

(defun gc-type-layout (type)
  "(:struct ((NAME STORAGE)…)) or (:array STORAGE)."
  (svref *gc-type-layouts* (gc-type-index type)))

(defun gc-type-fields (type)
  "A struct's fields in the order of the indices, each (NAME STORAGE)."
  (destructuring-bind (kind description) (gc-type-layout type)
    (and (eq kind :struct) description)))

(defun gc-type-element (type)
  "The element storage of an array type, NIL for a struct."
  (destructuring-bind (kind description) (gc-type-layout type)
    (and (eq kind :array) description)))

(defun gc-type-field (type name)
  "The index of a struct's field, and its storage; NIL if there is none of that name."
  (let* ((fields (gc-type-fields type))
         (index (position name fields :key #'first :test #'string=)))
    (and index (values index (second (nth index fields))))))

;;; Value types

(defparameter *references*
  (map 'simple-vector (lambda (type) (list :ref type)) *gc-type-names*)
  "For each type the reference to it that is never null.")

(defparameter *null-references*
  (map 'simple-vector (lambda (type) (list :ref-null type)) *gc-type-names*)
  "For each type the reference to it that may be null.")

(defun eq-ref ()
  "Any Lisp value: (ref eq)."
  :eq)

(defun ref-to (type)
  "(ref TYPE). Always the same object for a type, so that comparisons are quick."
  (svref *references* (gc-type-index type)))

(defun ref-null-to (type)
  "(ref null TYPE)."
  (svref *null-references* (gc-type-index type)))

(defun function-self ()
  "The type of every function's first parameter, the function object called: (ref null function)."
  (ref-null-to :function))

(defun storage-value (storage)
  "The type of the value that a read of the storage gives."
  (case storage
    ((:i8 :i16) :i32)
    (t storage)))

;;; Sets of types are integers with a bit for each.

(defun type-set (&rest types)
  "The set of these types."
  (reduce (lambda (set type) (logior set (ash 1 (gc-type-index type)))) types :initial-value 0))

;;; Entries. Every Lisp function takes the function object that was called (null where the callee is known and closes over
;;; nothing), then its arguments, and returns its first value. A function object holds one code index; the tables, one for
;;; each argument count, hold at that index the entry for calls with that many arguments. An entry is such a count or :vector.

(defconstant +entry-limit+ 4
  "The largest argument count with an entry table of its own; calls with more pass a simple-vector.")

(defparameter *entries* '(0 1 2 3 4 :vector)
  "Every entry, in the order of the tables.")

(defun entry-for-count (count)
  "The entry that a call with COUNT arguments uses."
  (if (<= count +entry-limit+) count :vector))

(defun entry-table (entry)
  "The index of the entry's table, the same in every module."
  (if (eq entry :vector) (+ +entry-limit+ 1) entry))

(defun entry-type-index (entry)
  "The type index of the table's functions, the same in every module."
  (+ (gc-type-count) (entry-table entry)))

(defun entry-table-name (entry)
  "The name of the entry's table, which occurs in those of the shared functions."
  (if (eq entry :vector) "entries-vector" (format nil "entries-~D" entry)))

(defun unwind-type ()
  "The type index of the exception tag: the identity of an exit point and the first value."
  (+ (gc-type-count) +entry-limit+ 2))

(defun landing-type ()
  "The type index of a block that receives the tag's payload."
  (+ (unwind-type) 1))

(defun core-type-count ()
  "The number of type indices that every module has in common."
  (+ (landing-type) 1))

(defun function-type-params (count)
  "The Wasm parameter types of a Lisp function with COUNT ordinary parameters."
  (cons (function-self) (make-list count :initial-element :eq)))

(defun entry-params (entry)
  "The Wasm parameter types of an entry."
  (if (eq entry :vector)
      (list (function-self) (ref-to :simple-vector))
      (function-type-params entry)))

;;; The encoding of the types that every module begins with

(defun encode-field-type (storage buffer)
  "Writes a mutable field."
  (case storage
    (:i8 (put-octet #x78 buffer))
    (:i16 (put-octet #x77 buffer))
    (t (put-value-type storage buffer)))
  (put-octet 1 buffer))

(defun encode-layout (layout buffer)
  "Writes the struct or array type of a layout. It is final, and so has no prefix."
  (destructuring-bind (kind description) layout
    (cond ((eq kind :struct)
           (put-octet #x5f buffer)
           (put-unsigned (length description) buffer)
           (dolist (field description)
             (encode-field-type (second field) buffer)))
          (t
           (put-octet #x5e buffer)
           (encode-field-type description buffer)))))

(defun encode-function-type (params results buffer)
  "Writes a function type."
  (put-octet #x60 buffer)
  (put-unsigned (length params) buffer)
  (dolist (type params)
    (put-value-type type buffer))
  (put-unsigned (length results) buffer)
  (dolist (type results)
    (put-value-type type buffer)))

(defun encode-core-types (section)
  "Writes the types that every module begins with: the recursion group, the entry function types, the exception types."
  (count-item section)
  (put-octet #x4e section)
  (put-unsigned (gc-type-count) section)
  (map nil (lambda (layout) (encode-layout layout section)) *gc-type-layouts*)
  (flet ((function-type (params results)
           (count-item section)
           (encode-function-type params results section)))
    (dolist (entry *entries*)
      (function-type (entry-params entry) '(:eq)))
    (function-type '(:eq :eq) '())
    (function-type '() '(:eq :eq))))
