;;;; Hash codes: by identity, for EQL, EQUAL and EQUALP, and SXHASH (CLHS 18.1.2, SXHASH).
;;;;
;;;; Every code is a fixnum >= 0. Conses, symbols, functions, instances and arrays with a header have a field for an identity
;;;; number, 0 until one is wanted. Simple vectors of all kinds, strings among them, have no room for one: by identity they are
;;;; told apart by kind and length only.

(in-package :clysm)

;;; Mixing. Codes are consumed by their low bits.

(defmacro %hash-bits (code)
  "The raw i32 CODE cut to a fixnum >= 0."
  `(%fixnum (%i32.and ,code #x3FFFFFFF)))

(defmacro %number-code (number)
  "The code for the raw i32 in the variable NUMBER. Neighbours stay neighbours, so that tables of consecutive numbers are dense;
the high bits are spread, so that no regular distance makes collisions."
  `(let ((high (%i32.mul (%i32.shr_u ,number 9) #x2C1B3C6D)))
     (%i32.add ,number (%i32.xor high (%i32.shr_u high 15)))))

(defmacro %scrambled (code)
  "The raw i32 CODE with every bit depending on all."
  `(let* ((h (%i32 ,code))
          (h (%i32.mul (%i32.xor h (%i32.shr_u h 16)) #x2C1B3C6D)))
     (%i32.xor h (%i32.shr_u h 15))))

(defmacro %combined (code more)
  "The raw code for a sequence of things, CODE standing for those before and MORE for the next."
  `(%i32.mul (%i32.xor ,code ,more) 16777619))

;;; Identity.

(defglobal *last-identity* 0)

(defun %next-identity ()
  "A number that no object has yet, until they begin again after 2^30."
  (setq *last-identity* (if (eq *last-identity* most-positive-fixnum) 1 (+ *last-identity* 1))))

(defmacro %identity-number (type object)
  "The raw identity number of the value of the variable OBJECT, of the GC type TYPE; assigned when it has none."
  `(let ((id (%get ,type hash ,object)))
     (if (%i32.eqz id)
         (%i32 (%set ,type hash ,object (%next-identity)))
         id)))

(defun %instance-identity (instance)
  (let ((id (%array-ref instance instance 1)))
    (if (eq id 0)
        (%array-set instance instance 1 (%next-identity))
        id)))

(defun %pair-hash (a b)
  "The code for two things with the codes A and B."
  (%hash-bits (%scrambled (%combined (%combined (%i32 17) (%i32 a)) (%i32 b)))))

(defun %array-shape-hash (array)
  "The code of an array by its kind and size."
  (cond ((%is string array) (%fixnum (%i32.add (%array-length string array) 1)))
        ((%is array array) (%hash-bits (%i32.add (%get array size array) 2)))
        (t (+ (%data-length array) 3))))

(defun %eql-hash (object)
  "The code of OBJECT for EQ and EQL."
  (cond ((%fixnump object) (let ((n (%i32 object))) (%hash-bits (%number-code n))))
        ((%is symbol object) (let ((n (%identity-number symbol object))) (%hash-bits (%number-code n))))
        ((%is cons object) (let ((n (%identity-number cons object))) (%hash-bits (%number-code n))))
        ((%is instance object) (let ((n (%i32 (%instance-identity object)))) (%hash-bits (%number-code n))))
        ((%is character object) (let ((n (%get character code object))) (%hash-bits (%number-code n))))
        ((%is function object) (let ((n (%identity-number function object))) (%hash-bits (%number-code n))))
        ((%is array object) (let ((n (%identity-number array object))) (%hash-bits (%number-code n))))
        ((numberp object) (%hash-number object))
        ((arrayp object) (%array-shape-hash object))
        (t 1)))

(defun %eq-hash (object)
  "A number >= 0 by which printed representations tell objects apart: their identity where they have one."
  (cond ((%is instance object) (%instance-identity object))
        ((%is function object) (%fixnum (%identity-number function object)))
        ((%is cons object) (%fixnum (%identity-number cons object)))
        ((%is symbol object) (%fixnum (%identity-number symbol object)))
        ((%is array object) (%fixnum (%identity-number array object)))
        (t (%eql-hash object))))

;;; EQUAL and SXHASH.

(defun %characters-hash (data start end)
  "The code of the characters of the simple string DATA from START below END."
  (let ((h (%i32 5381)) (end (%i32 end)))
    (%array-length string data)         ; checks the type, once
    (do ((i (%i32 start) (%i32.add i 1)))
        ((%i32.ge_s i end) (%hash-bits (%scrambled h)))
      (setq h (%combined h (%array-ref string data i))))))

(defun %string-hash (string)
  "The code of the string STRING by its active characters."
  (if (%is string string)
      (%characters-hash string 0 (%array-length string string))
      (let ((offset (%array-offset string)))
        (%characters-hash (%array-data string) offset (+ offset (%header-length string))))))

(defun %bit-vector-hash (bits)
  (let* ((data (%array-data bits)) (offset (%i32 (%array-offset bits))) (n (%i32 (length bits))) (h (%i32 n)))
    (do ((i (%i32 0) (%i32.add i 1)))
        ((%i32.ge_s i n) (%hash-bits (%scrambled h)))
      (setq h (%i32.add (%i32.mul h 31) (%array-ref bit-vector data (%i32.add offset i)))))))

;;; How much of a tree enters its code: the levels, and the elements of each list.
(defconstant %hashed-depth 4)
(defconstant %hashed-elements 8)

(defmacro %spine-hash (list element-form)
  "The code of the value of the variable LIST, a cons: ELEMENT-FORM gives that of ELEMENT."
  `(let ((h (%i32 7)) (left (%i32 %hashed-elements)) (tail ,list))
     (do ()
         ((or (%i32.eqz left) (not (%is cons tail))))
       (let ((element (%get cons car tail)))
         (setq h (%combined h (%i32 ,element-form))
               left (%i32.sub left 1)
               tail (%get cons cdr tail))))
     ;; The end of a dotted list counts as well.
     (unless (or (%is cons tail) (null tail))
       (let ((element tail))
         (setq h (%combined h (%i32 ,element-form)))))
     (%hash-bits (%scrambled h))))

(defun %equal-hash (object depth)
  "The code of OBJECT for EQUAL; conses below DEPTH levels count no more."
  (cond ((%is string object) (%string-hash object))
        ((%is cons object)
         (if (eq depth 0)
             3
             (%spine-hash object (%equal-hash element (- depth 1)))))
        ((or (%fixnump object) (%is symbol object)) (%eql-hash object))
        ((stringp object) (%string-hash object))
        ((bit-vector-p object) (%bit-vector-hash object))
        ((pathnamep object) (%string-hash (namestring object)))
        (t (%eql-hash object))))

(defun %sxhash (object depth)
  "SXHASH of OBJECT: like %EQUAL-HASH, but from contents only, so that it is the same in every image."
  (cond ((%is symbol object) (%string-hash (%get symbol name object)))
        ((%is cons object)
         (if (eq depth 0)
             3
             (%spine-hash object (%sxhash element (- depth 1)))))
        ((or (%is instance object) (%is function object))
         (if (pathnamep object)
             (%string-hash (namestring object))
             (%string-hash (symbol-name (class-name (class-of object))))))
        (t (%equal-hash object depth))))

(defun sxhash (object)
  (%sxhash object %hashed-depth))

;;; EQUALP. Codes of = numbers are those of the rational among them; vectors of all kinds go by their elements.

(defun %equalp-number-hash (number)
  (cond ((floatp number) (if (%finite-number-p number) (%eql-hash (rational number)) 5))
        ((%is complex number)
         (let ((real (%equalp-number-hash (realpart number))) (imaginary (imagpart number)))
           (if (zerop imaginary)
               real
               (%pair-hash real (%equalp-number-hash imaginary)))))
        (t (%eql-hash number))))

;;; The elements at each end of a vector that enter its code.
(defconstant %hashed-vector-elements 32)

(defun %equalp-string-hash (string)
  "%EQUALP-VECTOR-HASH for a simple string."
  (let* ((n (%array-length string string)) (h (%i32 n)))
    (do ((i (%i32 0) (%i32.add i 1)))
        ((%i32.ge_s i n) (%hash-bits (%scrambled h)))
      (when (%i32.eq i %hashed-vector-elements)
        (when (%i32.gt_s (%i32.sub n %hashed-vector-elements) i)
          (setq i (%i32.sub n %hashed-vector-elements))))
      (let ((code (%array-ref string string i)))
        (setq h (%combined h (%folded code)))))))

(defun %equalp-vector-hash (vector depth)
  (let* ((n (length vector)) (h (%i32 n)))
    (do ((i 0 (+ i 1)))
        ((>= i n) (%hash-bits (%scrambled h)))
      (when (eql i %hashed-vector-elements)
        (setq i (max i (- n %hashed-vector-elements))))
      (setq h (%combined h (%i32 (%equalp-hash (aref vector i) depth)))))))

(defun %structure-hash (structure depth)
  "The code of a structure by its class and its slots."
  (let ((h (%i32 (%instance-identity (%instance-class structure))))
        (n (min (%array-length instance structure) (+ 2 %hashed-elements))))
    (do ((i 2 (+ i 1)))
        ((>= i n) (%hash-bits (%scrambled h)))
      (setq h (%combined h (%i32 (%equalp-hash (%array-ref instance structure i) depth)))))))

(defun %equalp-hash (object depth)
  "The code of OBJECT for EQUALP; what lies more than DEPTH levels down counts no more."
  (cond ((%is character object) (let ((code (%get character code object))) (%fixnum (%folded code))))
        ((%is symbol object) (%eql-hash object))
        ((numberp object) (%equalp-number-hash object))
        ((%is string object) (%equalp-string-hash object))
        ((eq depth 0) 3)
        ((%is cons object) (%spine-hash object (%equalp-hash element (- depth 1))))
        ((vectorp object) (%equalp-vector-hash object (- depth 1)))
        ((arrayp object) (%array-shape-hash object))
        ((hash-table-p object) (hash-table-count object))
        ((pathnamep object) (%equal-hash object depth))
        ((typep object 'structure-object) (%structure-hash object (- depth 1)))
        (t (%eql-hash object))))
