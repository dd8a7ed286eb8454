;;;; Code that makes a module's literals when the module starts. Mirrors module/literal_code.rs.

(in-package :clysm-compiler)

(defconstant +literal-chunk+ 128
  "Lists longer than this are built in pieces, so that the operand stack stays shallow.")

(defvar *string-function* '(:global clysm::%literal-string)
  "The function that makes a string of a part of the literal data segment, given by its offset and length in octets.")

(defun write-literal (literal data)
  "Leaves the object of a literal on the stack. DATA is the buffer of the literal data segment."
  (destructuring-bind (kind object) literal
    (if (eq kind :symbols)
        (write-symbols object)
        (write-object object data 0))))

(defun write-symbols (symbols)
  "A vector of symbols."
  (dolist (symbol symbols)
    (code-global-get (list :symbol symbol)))
  (op :array.new_fixed :simple-vector (length symbols)))

(defun write-object (object data depth)
  "Leaves an object on the stack."
  (if (> depth *literal-depth-limit*)
      (literal-failure "a circular or very deep constant"))
  (typecase object
    (symbol (code-global-get (list :symbol object)))
    (integer (write-integer object))
    (cons (write-list object data depth))
    (string (write-string-literal object data))
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
     (write-object (realpart object) data (+ depth 1))
     (write-object (imagpart object) data (+ depth 1))
     (op :struct.new :complex))
    (simple-vector (write-vector object data depth))
    (t (write-other-object object))))

(defun write-integer (value)
  "An integer."
  (cond ((typep value 'fixnum)
         (code-i32 value)
         (op :ref.i31))
        (t
         (code-i32 (if (minusp value) -1 1))
         (let ((count (ceiling (integer-length (abs value)) 32)))
           (dotimes (index count)
             (code-i32 (ldb (byte 32 (* 32 index)) (abs value))))
           (op :array.new_fixed :limbs count))
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

(defun write-string-literal (string data)
  "A string from the data segment."
  (unless (simple-string-p string)
    (literal-failure "a constant of kind array"))
  (let ((start (buffer-length data)))
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

(defun write-list (list data depth)
  "A list, its end made first."
  (check-literal-list list)
  (let ((elements (make-array 16 :adjustable t :fill-pointer 0)))
    (loop while (consp list)
          do (vector-push-extend (pop list) elements))
    (write-object list data (+ depth 1))
    (let ((tail (code-local :eq)))
      (code-set tail)
      (do ((end (length elements) (- end +literal-chunk+)))
          ((<= end 0))
        (write-list-chunk elements (max 0 (- end +literal-chunk+)) end tail data depth))
      (code-get tail)
      (code-release tail))))

(defun write-list-chunk (elements start end tail data depth)
  "Puts the elements from START to END before the list in the local TAIL."
  (loop for index from start below end
        do (write-object (aref elements index) data (+ depth 1)))
  (code-get tail)
  (loop repeat (- end start)
        do (op :i32.const 0)
           (op :struct.new :cons))
  (code-set tail))

(defun write-vector (vector data depth)
  "A simple vector."
  (let ((length (length vector)))
    (cond ((<= length +literal-chunk+)
           (loop for element across vector
                 do (write-object element data (+ depth 1)))
           (op :array.new_fixed :simple-vector length))
          (t
           (let ((local (code-local (ref-to :simple-vector))))
             (op :i32.const 0)
             (op :ref.i31)
             (code-i32 length)
             (op :array.new :simple-vector)
             (code-set local)
             (dotimes (index length)
               (code-get local)
               (code-i32 index)
               (write-object (svref vector index) data (+ depth 1))
               (op :array.set :simple-vector))
             (code-get local)
             (code-release local))))))

(defun write-other-object (object)
  "A specialised vector; anything else fails."
  (let ((type (vector-literal-type object)))
    (cond ((null type) (literal-failure (format nil "a constant of kind ~A" (object-kind object))))
          ((eq type :f32-vector)
           (loop for element across object
                 do (op :f32.const element)))
          ((eq type :f64-vector)
           (loop for element across object
                 do (op :f64.const element)))
          (t
           (loop for element across object
                 do (code-i32 element))))
    (op :array.new_fixed (gc-type-index type) (length object))))

(defun vector-literal-type (object)
  "The type of the object model of a simple specialised vector, or NIL."
  (typecase object
    (simple-bit-vector :bit-vector)
    ((simple-array (unsigned-byte 8) (*)) :u8-vector)
    ((simple-array (unsigned-byte 16) (*)) :u16-vector)
    ((simple-array (unsigned-byte 32) (*)) :u32-vector)
    ((simple-array (signed-byte 32) (*)) :s32-vector)
    ((simple-array single-float (*)) :f32-vector)
    ((simple-array double-float (*)) :f64-vector)))

(defun object-kind (object)
  "What kind of object can't be a constant of compiled code."
  (typecase object
    (array "array")
    (pathname "pathname")
    (structure-object "structure")
    (t "live object")))
