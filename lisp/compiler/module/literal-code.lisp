;;;; Code that makes the literals of a standalone module or a compiled file when the module starts. Mirrors module/literal_code.rs.
;;;;
;;;; The time that the engine takes for a function grows with the square of its accesses to the heap, so that large literals are made
;;;; in parts, each by a function of its own.

(in-package :clysm-compiler)

(defconstant +heap-accesses-per-function+ 32
  "So often one function accesses the heap, or a little more often.")

(defvar *string-function* '(:global clysm::%literal-string)
  "The function that makes a string of a part of the literal data segment, given by its offset and length in octets.")

(defmacro link-procedure (name &body body)
  "Adds the function without parameters and results whose code BODY writes; returns its number."
  `(link-add-function nil (with-code ((code-procedure ,name)) ,@body)))

(defun link-literal-functions ()
  "Adds the functions that put the literals into their globals; returns their numbers."
  (let ((literals (literal-pool-objects (unit-literals (linker-unit *linker*)))))
    (loop for (start . end) in (literal-parts literals #'literal-accesses)
          collect (link-procedure "literals"
                    (loop for index of-type fixnum from start below end
                          do (write-literal (aref literals index))
                             (code-global-set (list :literal index)))))))

(defun literal-parts (elements accesses)
  "Divides a vector so that the parts, as (START . END), don't access the heap too often, or consist of one element; each accesses
it once by itself, and as often as ACCESSES says."
  (let ((parts '())
        (start 0)
        (count 0))
    (declare (type fixnum start count))
    (loop for element across elements
          for index of-type fixnum from 0
          do (let ((more (+ 1 (funcall accesses element))))
               (declare (type fixnum more))
               (when (and (> index start) (> (+ count more) +heap-accesses-per-function+))
                 (push (cons start index) parts)
                 (setq start index
                       count 0))
               (incf count more)))
    (if (< start (length elements))
        (push (cons start (length elements)) parts))
    (reverse parts)))

(defun literal-accesses (literal)
  "How often the code for a literal accesses the heap."
  (destructuring-bind (kind object) literal
    (if (eq kind :symbols)
        (length object)
        (object-accesses object))))

(defun object-accesses (object &optional (limit +heap-accesses-per-function+))
  "How often the code for an object accesses the heap; any number above LIMIT if that is more."
  (declare (type fixnum limit))
  (let ((count 0))
    (declare (type fixnum count))
    (typecase object
      ((or symbol fixnum))
      (cons
       (loop while (consp object)
             do (incf count)
             while (<= count limit)
             do (incf count (the fixnum (object-accesses (pop object) (- limit count))))))
      (simple-vector
       (setq count (length object))
       (loop for element across object
             while (<= count limit)
             do (incf count (the fixnum (object-accesses element (- limit count))))))
      (t (setq count 1)))
    count))

(defun write-literal (literal)
  "Leaves the object of a literal on the stack."
  (destructuring-bind (kind object) literal
    (if (eq kind :symbols)
        (write-symbols object)
        (write-object object 0))))

(defun write-symbols (symbols)
  "A vector of symbols."
  (dolist (symbol symbols)
    (link-symbol symbol))
  (op :array.new_fixed :simple-vector (length symbols)))

(defun write-object (object depth)
  "Leaves an object on the stack."
  (if (> depth *literal-depth-limit*)
      (literal-failure "a circular or very deep constant"))
  (typecase object
    (symbol (link-symbol object))
    (integer (write-integer object))
    (cons (write-list object depth))
    (string (write-string-literal object))
    (character (write-character object))
    (single-float
     (op :f32.const object)
     (op :struct.new :single))
    (double-float
     (op :f64.const object)
     (op :struct.new :double))
    (ratio
     (write-integer (numerator object))
     (write-integer (denominator object))
     (op :struct.new :ratio))
    (complex
     (write-object (realpart object) (+ depth 1))
     (write-object (imagpart object) (+ depth 1))
     (op :struct.new :complex))
    (simple-vector (write-vector object depth))
    (t (write-specialised-vector object))))

(defun write-integer (value)
  "An integer."
  (cond ((typep value 'fixnum)
         (code-i32 value)
         (op :ref.i31))
        (t
         (code-i32 (if (minusp value) -1 1))
         (write-data :limbs
                     4
                     (loop with magnitude = (abs value)
                           for position from 0 below (integer-length magnitude) by 32
                           collect (ldb (byte 32 position) magnitude)))
         (op :struct.new :bignum))))

(defun write-character (character)
  "A character; those below 256 are there already."
  (let ((code (char-code character)))
    (cond ((< code 256)
           (code-global-get '(:runtime :characters))
           (code-i32 code)
           (op :array.get :simple-vector))
          (t
           (code-i32 code)
           (op :struct.new :character)))))

(defun write-string-literal (string)
  "A string from the data segment."
  (unless (simple-string-p string)
    (literal-failure "a constant of kind array"))
  (let* ((data (linker-data *linker*))
         (start (buffer-length data)))
    (put-utf8 string data)
    (code-i32 start)
    (code-i32 (- (buffer-length data) start))
    (code-call *string-function*)))

(defun check-literal-list (list)
  "Fails if the conses of LIST go around in a circle."
  (let ((slow list))
    (loop while (consp list)
          do (setq list (cdr list))
             (if (consp list)
                 (setq list (cdr list)
                       slow (cdr slow)))
             (if (and (consp list) (eq list slow))
                 (literal-failure "a circular list")))))

(defun write-list (list depth)
  "A list."
  (check-literal-list list)
  (let ((elements (make-array 16 :adjustable t :fill-pointer 0)))
    (loop with rest = list
          while (consp rest)
          do (vector-push-extend (pop rest) elements)
          finally (setq list rest))
    (let ((parts (literal-parts elements #'object-accesses)))
      (cond ((rest parts)
             (write-object list (+ depth 1))
             (loop for (start . end) in (reverse parts)
                   do (write-list-part elements start end depth)))
            (t
             (write-objects elements 0 (length elements) (+ depth 1))
             (write-object list (+ depth 1))
             (write-conses (length elements)))))))

(defun write-list-part (elements start end depth)
  "Has a function put the elements from START to END before the list on the stack."
  (code-call
   (list :numbered
         (link-add-function nil
                            (with-code ((code-new "literal" (list (eq-ref)) (eq-ref)))
                              (write-objects elements start end (+ depth 1))
                              (code-get 0)
                              (write-conses (- end start)))))))

(defun write-objects (elements start end depth)
  "The elements from START to END, one above the other."
  (loop for index of-type fixnum from start below end
        do (write-object (aref elements index) depth)))

(defun write-conses (count)
  "A list of the objects on the stack, before the topmost one."
  (loop repeat count
        do (op :i32.const 0)
           (op :struct.new :cons)))

(defun write-vector (vector depth)
  "A simple vector."
  (let ((length (length vector))
        (parts (literal-parts vector #'object-accesses)))
    (cond ((rest parts)
           (op :i32.const 0)
           (op :ref.i31)
           (code-i32 length)
           (op :array.new :simple-vector)
           (loop for (start . end) in parts
                 do (write-vector-part vector start end depth)))
          (t
           (write-objects vector 0 length (+ depth 1))
           (op :array.new_fixed :simple-vector length)))))

(defun write-vector-part (vector start end depth)
  "Has a function set the elements from START to END of the vector on the stack."
  (let ((type (ref-to :simple-vector)))
    (code-call
     (list :numbered
           (link-add-function nil
                              (with-code ((code-new "literal" (list type) type))
                                (loop for index of-type fixnum from start below end
                                      do (code-get 0)
                                         (code-i32 index)
                                         (write-object (svref vector index) (+ depth 1))
                                         (op :array.set :simple-vector))
                                (code-get 0)))))))

(defun write-specialised-vector (object)
  "A specialised vector; anything else fails."
  (multiple-value-bind (type size) (vector-literal-type object)
    (unless type
      (literal-failure (format nil "a constant of kind ~A" (object-kind object))))
    (write-data (gc-type-index type)
                size
                (case type
                  (:f32-vector (map 'list #'single-float-octets object))
                  (:f64-vector (map 'list #'double-float-octets object))
                  (t (coerce object 'list))))))

(defun write-data (type size elements)
  "A vector whose elements, integers of SIZE octets, are in the data segment."
  (let ((data (linker-data *linker*)))
    (code-i32 (buffer-length data))
    (code-i32 (length elements))
    (dolist (element elements)
      (put-little-endian element size data))
    (op :array.new_data type +literal-data+)))

(defun vector-literal-type (object)
  "The type of the object model of a simple specialised vector, and the size of an element in octets; or NIL."
  (typecase object
    (simple-bit-vector (values :bit-vector 1))
    ((simple-array (unsigned-byte 8) (*)) (values :u8-vector 1))
    ((simple-array (unsigned-byte 16) (*)) (values :u16-vector 2))
    ((simple-array (unsigned-byte 32) (*)) (values :u32-vector 4))
    ((simple-array (signed-byte 32) (*)) (values :s32-vector 4))
    ((simple-array single-float (*)) (values :f32-vector 4))
    ((simple-array double-float (*)) (values :f64-vector 8))))

(defun object-kind (object)
  "What kind of object can't be a constant of compiled code."
  (typecase object
    (array "array")
    (pathname "pathname")
    (structure-object "structure")
    (t "live object")))
