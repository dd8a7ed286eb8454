;;;; The body of one Wasm function while it is written: octets, locals, labels, and the places that the linker fills in.
;;;;
;;;; A function that code refers to is a list: (:global SYMBOL), the Wasm function of a global Lisp function;
;;;; (:local FUNCTION), one of the same toplevel form; (:import N), a host import by its number in the import table; (:named N), one that the program names, by its number in the
;;;; compilation;
;;;; (:numbered N), a function of the module by the linker's own number.
;;;;
;;;; A global is (:symbol SYMBOL); (:literal N), of the unit's pool; (:static-function FUNCTION), the one function object of
;;;; a function that closes over nothing; (:load-time-value N); (:runtime NAME), a variable of the runtime; (:numbered N).
;;;;
;;;; What the linker puts at a place is (:function REFERENCE), (:global REFERENCE), (:code-index FUNCTION), the i32.const of a
;;;; function object's code index, (:function-reference FUNCTION), ref.func of a function, or (:static-data NAME), the instructions that push a static table: :names, :packages,
;;;; :functions, :octets (offset and length are on the stack), :first-function (an addition to the number on the stack).

(in-package :clysm-compiler)

(defparameter *runtime-globals*
  '(:unbound                            ; the mark of an unbound variable
    :unsupplied                         ; the mark of a missing argument
    :value-count                        ; how many values the last return gave
    :value-vector                       ; the second and later values, at their index
    :binding-depth                      ; how much of the binding stack is in use
    :binding-stack
    :characters                         ; the characters below 256
    :symbol-table)                      ; the symbols by id
  "The runtime's own globals, in the order of their indices.")

(defstruct (compiled-function (:copier nil))
  "A finished function."
  name                                  ; the name for stack traces, a string
  params                                ; value types, a list
  results                               ; value types, a list
  locals                                ; the types of the locals after the parameters, a list
  code                                  ; the instructions without the final end, a vector of octets
  relocations                           ; the places for the linker in order: a list of (offset . target)
  positions                             ; a list of (offset . span) in order: code offsets and where the code comes from
  makes                                 ; the types of which it makes objects, a type set
  calls-objects)                        ; whether it calls function objects

(defstruct (code-builder (:include buffer) (:copier nil))
  "A function that is being written."
  name
  params
  (param-count 0 :type fixnum)
  results
  (locals (make-array 8 :adjustable t :fill-pointer 0)) ; the types of the locals after the parameters
  (free '())                            ; released locals, (type . index), the last one first
  (relocations '())                     ; the last one first
  (positions '())                       ; likewise
  (makes 0)
  (calls-objects nil)
  (depth 0 :type fixnum)
  (constructs '())                      ; the numbers of the open constructs, the innermost first
  (next-construct 1 :type fixnum))

(defun value-type (representation)
  "The Wasm type of a representation."
  (ecase representation
    (:object :eq)
    ((:fixnum :i32 :condition) :i32)
    (:i64 :i64)
    (:f32 :f32)
    (:f64 :f64)))

(defun code-new (name params result)
  "A function with these parameters and one result."
  (make-code-builder :name name :params params :param-count (length params) :results (list result)))

(defun code-lisp (name count)
  "A Lisp function: the function object, then COUNT objects."
  (code-new name (function-type-params count) (eq-ref)))

(defun code-procedure (name)
  "A function without parameters or results."
  (make-code-builder :name name :params '() :results '()))

(defun code-finish ()
  "The finished function."
  (let ((code *code*))
    (make-compiled-function :name (code-builder-name code)
                            :params (code-builder-params code)
                            :results (code-builder-results code)
                            :locals (coerce (code-builder-locals code) 'list)
                            :code (buffer-contents code)
                            :relocations (reverse (code-builder-relocations code))
                            :positions (reverse (code-builder-positions code))
                            :makes (code-builder-makes code)
                            :calls-objects (code-builder-calls-objects code))))

(defmacro with-code ((builder) &body body)
  "Evaluates BODY, which writes the function of BUILDER; returns the finished function."
  `(let ((*code* ,builder))
     ,@body
     (code-finish)))

;;; What instructions mean for the function

(defun note-made (type)
  "Notes that objects of a type, given by its keyword or its index, are made."
  (let ((code *code*)
        (index (type-operand-index type)))
    (if (and (code-builder-p code) (gc-type index))
        (setf (code-builder-makes code) (logior (code-builder-makes code) (ash 1 index))))))

(defun note-object-call ()
  "Notes that a function object is called."
  (if (code-builder-p *code*)
      (setf (code-builder-calls-objects *code*) t)))

;;; Instructions by functions

(defun code-get (local)
  "local.get"
  (op :local.get local))

(defun code-set (local)
  "local.set"
  (op :local.set local))

(defun code-tee (local)
  "local.tee"
  (op :local.tee local))

(defun code-i32 (value)
  "i32.const"
  (op :i32.const value))

(defun code-offset ()
  "Where the next instruction goes."
  (buffer-length *code*))

(defun code-relocate (target)
  "Leaves a place for the linker."
  (let ((code *code*))
    (push (cons (buffer-length code) target) (code-builder-relocations code))
    nil))

(defun code-global-get (global)
  "global.get of a global that the linker places."
  (put-octet #x23 *code*)
  (code-relocate (list :global global)))

(defun code-global-set (global)
  "global.set"
  (put-octet #x24 *code*)
  (code-relocate (list :global global)))

(defun code-call (function)
  "call of a function that the linker places."
  (put-octet #x10 *code*)
  (code-relocate (list :function function)))

(defun code-return-call (function)
  "return_call"
  (put-octet #x12 *code*)
  (code-relocate (list :function function)))

(defun code-position (span)
  "Notes that the code from here on comes from there."
  (let* ((code *code*)
         (last (first (code-builder-positions code))))
    (if (and span (not (and last (equal (cdr last) span))))
        (push (cons (buffer-length code) span) (code-builder-positions code)))
    nil))

;;; Control constructs. A label is the depth of its construct.

(defun code-enter-construct ()
  "Begins a construct, or the second arm of one."
  (let ((code *code*))
    (push (code-builder-next-construct code) (code-builder-constructs code))
    (incf (code-builder-next-construct code))))

(defun code-opened ()
  "Enters the construct whose instruction was just written; returns its label."
  (code-enter-construct)
  (incf (code-builder-depth *code*)))

(defmacro code-open (name &rest operands)
  "Opens a construct that an end closes, by its instruction; returns its label."
  `(progn (op ,name ,@operands)
          (code-opened)))

(defun code-block (type)
  "Opens a block."
  (code-open :block type))

(defun code-loop ()
  "Opens a loop."
  (code-open :loop nil))

(defun code-if (type)
  "Opens an if."
  (code-open :if type))

(defun code-else ()
  "else"
  (op :else)
  (pop (code-builder-constructs *code*))
  (code-enter-construct)
  nil)

(defun code-end ()
  "end of a construct."
  (let ((code *code*))
    (decf (code-builder-depth code))
    (pop (code-builder-constructs code))
    (op :end)))

(defun code-construct ()
  "The number of the innermost open construct; the two arms of an if are two, the function's body is 0."
  (or (first (code-builder-constructs *code*)) 0))

(defun code-open-p (construct)
  "Whether a construct is still open."
  (or (eql construct 0)
      (dolist (open (code-builder-constructs *code*) nil)
        (cond ((= open construct) (return t))
              ;; Those further out have smaller numbers.
              ((< open construct) (return nil))))))

(defun code-relative (label)
  "The relative depth of a label at this place."
  (- (code-builder-depth *code*) label))

(defun code-br (label)
  "br"
  (op :br (code-relative label)))

(defun code-br-if (label)
  "br_if"
  (op :br_if (code-relative label)))

;;; Locals

(defun code-local (type)
  "A new local, or the last one of its type that was released."
  (let* ((code *code*)
         (free (code-builder-free code))
         (found (member type free :key #'car :test #'equal)))
    (cond (found
           (code-take-free code found))
          (t
           (vector-push-extend type (code-builder-locals code))
           (+ (code-builder-param-count code) (fill-pointer (code-builder-locals code)) -1)))))

(defun code-take-free (code found)
  "Takes the first element of FOUND, a tail of the free locals, out of them and returns its local. The one that was released
last takes its place."
  (let ((local (cdr (first found)))
        (last (pop (code-builder-free code))))
    (setf (first found) last)
    local))

(defun code-release (local)
  "Lets a local be used again."
  (let* ((code *code*)
         (index (- local (code-builder-param-count code))))
    (if (< -1 index (fill-pointer (code-builder-locals code)))
        (push (cons (aref (code-builder-locals code) index) local) (code-builder-free code)))
    nil))
