;;;; Bit arrays (CLHS 15.2, BIT ... BIT-NOT).

(in-package :clysm)

(defun %check-bit-array (object)
  (unless (and (arrayp object) (%is bit-vector (%array-data object)))
    (%type-error object '(array bit))))

(defun %check-simple-bit-array (object)
  (unless (and (%simple-array-p object) (%is bit-vector (%array-data object)))
    (%type-error object '(simple-array bit))))

(defun bit (bit-array &rest subscripts)
  (%check-bit-array bit-array)
  (row-major-aref bit-array (%row-major-index bit-array subscripts)))

(defun (setf bit) (new bit-array &rest subscripts)
  (%check-bit-array bit-array)
  (setf (row-major-aref bit-array (%row-major-index bit-array subscripts)) new))

(defun sbit (bit-array &rest subscripts)
  (%check-simple-bit-array bit-array)
  (row-major-aref bit-array (%row-major-index bit-array subscripts)))

(defun (setf sbit) (new bit-array &rest subscripts)
  (%check-simple-bit-array bit-array)
  (setf (row-major-aref bit-array (%row-major-index bit-array subscripts)) new))

;;; Operations on whole arrays.

(defun %check-same-dimensions (a b)
  (unless (equal (array-dimensions a) (array-dimensions b))
    (%error "The bit arrays ~S and ~S have different dimensions." a b)))

(defun %bit-result (array result)
  "The array that an operation on ARRAY delivers its bits in, as the argument RESULT asks: NIL for a fresh one, T for
ARRAY itself."
  (cond ((null result)
         (if (%is array array)
             (make-array (array-dimensions array) :element-type 'bit)
             (%array-new bit-vector (%array-length bit-vector array) 0)))
        ((eq result t) array)
        (t (%check-bit-array result)
           (%check-same-dimensions array result)
           result)))

(defmacro %define-bit-operation (name (a b) raw-form)
  "Defines NAME on two bit arrays. RAW-FORM computes from the raw bits A and B a number whose lowest bit is the result."
  `(defun ,name (bit-array1 bit-array2 &optional result)
     (%check-bit-array bit-array1)
     (%check-bit-array bit-array2)
     (%check-same-dimensions bit-array1 bit-array2)
     (let* ((result (%bit-result bit-array1 result))
            (data1 (%array-data bit-array1))
            (data2 (%array-data bit-array2))
            (data (%array-data result))
            (n (%i32 (%array-size result))))
       (do ((i (%i32 0) (%i32.add i 1))
            (i1 (%i32 (%array-offset bit-array1)) (%i32.add i1 1))
            (i2 (%i32 (%array-offset bit-array2)) (%i32.add i2 1))
            (to (%i32 (%array-offset result)) (%i32.add to 1)))
           ((%i32.ge_s i n) result)
         (let ((,a (%array-ref bit-vector data1 i1))
               (,b (%array-ref bit-vector data2 i2)))
           (%array-set bit-vector data to (%i32.and ,raw-form 1)))))))

(%define-bit-operation bit-and (a b) (%i32.and a b))
(%define-bit-operation bit-ior (a b) (%i32.or a b))
(%define-bit-operation bit-xor (a b) (%i32.xor a b))
(%define-bit-operation bit-eqv (a b) (%i32.xor (%i32.xor a b) 1))
(%define-bit-operation bit-nand (a b) (%i32.xor (%i32.and a b) 1))
(%define-bit-operation bit-nor (a b) (%i32.xor (%i32.or a b) 1))
(%define-bit-operation bit-andc1 (a b) (%i32.and (%i32.xor a 1) b))
(%define-bit-operation bit-andc2 (a b) (%i32.and a (%i32.xor b 1)))
(%define-bit-operation bit-orc1 (a b) (%i32.or (%i32.xor a 1) b))
(%define-bit-operation bit-orc2 (a b) (%i32.or a (%i32.xor b 1)))

(defun bit-not (bit-array &optional result)
  (%check-bit-array bit-array)
  (bit-nand bit-array bit-array (%bit-result bit-array result)))
