;;;; The primitive operations: Wasm instructions that Lisp code in the library names directly.
;;;;
;;;; What a primitive does is a list:
;;;;
;;;;   (:numeric INSTRUCTION)   one numeric instruction
;;;;   (:typed OPERATION)       an operation with type operands
;;;;   (:special OPERATION)     anything else
;;;;   (:import N)              a host import: its position in the import table

(in-package :clysm-compiler)

(defstruct (primitive (:copier nil))
  "One primitive."
  (number 0 :type fixnum)               ; its position among all
  name                                  ; the operator's name, a string in lower case
  operation                             ; what it does
  params                                ; the operands' representations; typed operations derive them from the type
  result)                               ; the result's representation, likewise

;;; The operands' representations, the result's, and the instructions after which primitives are named, with a % before.

(defparameter *numeric-primitives*
  '(((:i32) :condition "i32.eqz")
    ((:i32 :i32) :condition "i32.eq" "i32.ne" "i32.lt_s" "i32.lt_u" "i32.gt_s" "i32.gt_u" "i32.le_s" "i32.le_u"
     "i32.ge_s" "i32.ge_u")
    ((:i32) :fixnum "i32.clz" "i32.ctz" "i32.popcnt")
    ((:i32 :i32) :i32 "i32.add" "i32.sub" "i32.mul" "i32.div_s" "i32.div_u" "i32.rem_s" "i32.rem_u" "i32.and"
     "i32.or" "i32.xor" "i32.shl" "i32.shr_s" "i32.shr_u" "i32.rotl" "i32.rotr")
    ((:i64) :condition "i64.eqz")
    ((:i64 :i64) :condition "i64.eq" "i64.ne" "i64.lt_s" "i64.lt_u" "i64.gt_s" "i64.gt_u" "i64.le_s" "i64.le_u"
     "i64.ge_s" "i64.ge_u")
    ((:i64) :i64 "i64.clz" "i64.ctz" "i64.popcnt")
    ((:i64 :i64) :i64 "i64.add" "i64.sub" "i64.mul" "i64.div_s" "i64.div_u" "i64.rem_s" "i64.rem_u" "i64.and"
     "i64.or" "i64.xor" "i64.shl" "i64.shr_s" "i64.shr_u" "i64.rotl" "i64.rotr")
    ((:f32 :f32) :condition "f32.eq" "f32.ne" "f32.lt" "f32.gt" "f32.le" "f32.ge")
    ((:f32) :f32 "f32.abs" "f32.neg" "f32.ceil" "f32.floor" "f32.trunc" "f32.nearest" "f32.sqrt")
    ((:f32 :f32) :f32 "f32.add" "f32.sub" "f32.mul" "f32.div" "f32.min" "f32.max" "f32.copysign")
    ((:f64 :f64) :condition "f64.eq" "f64.ne" "f64.lt" "f64.gt" "f64.le" "f64.ge")
    ((:f64) :f64 "f64.abs" "f64.neg" "f64.ceil" "f64.floor" "f64.trunc" "f64.nearest" "f64.sqrt")
    ((:f64 :f64) :f64 "f64.add" "f64.sub" "f64.mul" "f64.div" "f64.min" "f64.max" "f64.copysign")
    ((:i64) :i32 "i32.wrap_i64")
    ((:f32) :i32 "i32.trunc_f32_s" "i32.trunc_f32_u")
    ((:f64) :i32 "i32.trunc_f64_s" "i32.trunc_f64_u")
    ((:i32) :i64 "i64.extend_i32_s" "i64.extend_i32_u" ("u32" :i64.extend_i32_u))
    ((:f32) :i64 "i64.trunc_f32_s" "i64.trunc_f32_u")
    ((:f64) :i64 "i64.trunc_f64_s" "i64.trunc_f64_u")
    ((:i32) :f32 "f32.convert_i32_s" "f32.convert_i32_u")
    ((:i64) :f32 "f32.convert_i64_s" "f32.convert_i64_u")
    ((:f64) :f32 "f32.demote_f64")
    ((:i32) :f64 "f64.convert_i32_s" "f64.convert_i32_u")
    ((:i64) :f64 "f64.convert_i64_s" "f64.convert_i64_u")
    ((:f32) :f64 "f64.promote_f32")
    ((:f32) :i32 "i32.reinterpret_f32")
    ((:f64) :i64 "i64.reinterpret_f64")
    ((:i32) :f32 "f32.reinterpret_i32")
    ((:i64) :f64 "f64.reinterpret_i64")
    ((:i32) :i32 "i32.extend8_s" "i32.extend16_s")
    ((:i64) :i64 "i64.extend8_s" "i64.extend16_s" "i64.extend32_s")
    ((:f32) :i32 "i32.trunc_sat_f32_s" "i32.trunc_sat_f32_u")
    ((:f64) :i32 "i32.trunc_sat_f64_s" "i32.trunc_sat_f64_u")
    ((:f32) :i64 "i64.trunc_sat_f32_s" "i64.trunc_sat_f32_u")
    ((:f64) :i64 "i64.trunc_sat_f64_s" "i64.trunc_sat_f64_u"))
  "Numeric instructions.")

;;; (%is TYPE x)                         ref.test
;;; (%possible TYPE)                     false in a program that makes no objects of the type; true otherwise
;;; (%new TYPE field…)                   struct.new
;;; (%get TYPE FIELD x)                  struct.get
;;; (%set TYPE FIELD x value)            struct.set; its value is the new value
;;; (%array-new TYPE length init)        array.new
;;; (%array-ref TYPE array index)        array.get
;;; (%array-set TYPE array index value)  array.set; its value is the new value
;;; (%array-length TYPE array)           array.len
;;; (%array-copy TYPE dst start TYPE src start count)
;;; (%array-fill TYPE array start value count)

(defparameter *typed-primitives*
  '(:is :possible :new :get :set :array-new :array-ref :array-set :array-length :array-copy :array-fill)
  "Primitives over the types of the object model, with type and field operands.")

;;; (%i32 x), (%i64 x), (%f32 x), (%f64 x): the operand in that representation.
;;; (%fixnum x): an i32 known to be in the fixnum range.
;;; (%undefined-function-p f): whether a function object stands for an undefined function.
;;; (%undefined-function symbol): a function object that signals undefined-function.
;;; (%funcall function argument…), (%funcall-vector function vector)
;;; (%throw token value): transfers to the exit point of that identity with the current values.
;;; (%values-set first count): returns the first value and, from the value vector, the others.
;;; (%trap): ends the program at once.
;;; (%mention 'symbol): nothing at run time; says that the code needs what is defined for the symbol.
;;; (%value-count), (%set-value-count n): how many values the last call gave.
;;; (%value-vector), (%set-value-vector v): where the second and later values are, at their index.
;;; (%binding-depth), (%set-binding-depth n), (%binding-stack), (%set-binding-stack v): symbols and their saved values,
;;; alternating.
;;; (%characters): the preallocated characters below 256.
;;; (%symbol-table), (%set-symbol-table v): the symbols by their ids, a simple-vector.
;;; (%static-names): the octets that describe the module's symbols, see the linker.
;;; (%static-packages): #(name nicknames uses) for each package.
;;; (%static-functions): the ids of the symbols whose functions the module defines, in the order of their code.
;;; (%static-function code symbol): the function object with that code index, counted from the first.
;;; (%literal-octets offset length): a u8-vector from the module's data.

(defparameter *special-primitives*
  '(("%i32" (:convert :i32) (:i32) :i32)
    ("%i64" (:convert :i64) (:i64) :i64)
    ("%f32" (:convert :f32) (:f32) :f32)
    ("%f64" (:convert :f64) (:f64) :f64)
    ("%fixnum" :fixnum (:i32) :fixnum)
    ("%fixnump" :is-fixnum (:object) :condition)
    ("%unbound" :unbound () :object)
    ("%unsupplied" :unsupplied () :object)
    ("%undefined-function-p" :undefined-function-p (:object) :condition)
    ("%undefined-function" :undefined-function (:object) :object)
    ("%funcall" :funcall () :object)
    ("%funcall-vector" :funcall-vector (:object :object) :object)
    ("%throw" :throw (:object :object) :object)
    ("%values-set" :values-set (:object :i32) :object)
    ("%trap" :trap () :object)
    ("%mention" :mention (:object) :object)
    ("%value-count" :value-count () :fixnum)
    ("%set-value-count" :set-value-count (:i32) :object)
    ("%value-vector" :value-vector () :object)
    ("%set-value-vector" :set-value-vector (:object) :object)
    ("%binding-depth" :binding-depth () :fixnum)
    ("%set-binding-depth" :set-binding-depth (:i32) :object)
    ("%binding-stack" :binding-stack () :object)
    ("%set-binding-stack" :set-binding-stack (:object) :object)
    ("%characters" :characters () :object)
    ("%symbol-table" :symbol-table () :object)
    ("%set-symbol-table" :set-symbol-table (:object) :object)
    ("%static-names" :static-names () :object)
    ("%static-sources" :static-sources () :object)
    ("%static-packages" :static-packages () :object)
    ("%static-functions" :static-functions () :object)
    ("%static-function" :static-function (:i32 :object) :object)
    ("%literal-octets" :literal-octets (:i32 :i32) :object))
  "Primitives with an emission of their own.")

;;; All of them

(defun import-representation (type)
  "How an import's value is seen in Lisp."
  (if (eq type :bytes) :object type))

(defun numeric-primitives ()
  "The rows (NAME OPERATION PARAMS RESULT) of the numeric instructions."
  (loop for (params result . names) in *numeric-primitives*
        nconc (loop for name in names
                    collect (destructuring-bind (name instruction)
                                (if (consp name) name (list name (type-keyword name)))
                              (list (concatenate 'string "%" name) (list :numeric instruction) params result)))))

(defun typed-primitives ()
  "The rows of the typed operations."
  (mapcar (lambda (operation)
            (list (concatenate 'string "%" (string-downcase (symbol-name operation))) (list :typed operation) '() :object))
          *typed-primitives*))

(defun special-primitives ()
  "The rows of the special operations."
  (loop for (name operation params result) in *special-primitives*
        collect (list name (list :special operation) params result)))

(defun import-primitives ()
  "The rows of the host imports."
  (loop for number from 0 below (import-count)
        for import = (host-import number)
        collect (list (import-primitive-name import)
                      (list :import number)
                      (mapcar (lambda (param) (import-representation (second param))) (host-import-params import))
                      (import-representation (host-import-result import)))))

(defun primitives ()
  "Every primitive; the position is its number."
  (let ((rows (append (numeric-primitives) (typed-primitives) (special-primitives) (import-primitives))))
    (coerce (loop for (name operation params result) in rows
                  for number from 0
                  collect (make-primitive :number number :name name :operation operation :params params :result result))
            'simple-vector)))

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
