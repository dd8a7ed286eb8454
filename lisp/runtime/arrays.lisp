;;;; Arrays: making them and reaching their elements (CLHS 15). Adjusting is in array-adjust.lisp, bit arrays in
;;;; bit-arrays.lisp.

(in-package :clysm)

(defconstant array-rank-limit 256)
(defconstant array-dimension-limit 134217728)
(defconstant array-total-size-limit 134217728)

;;; Element types (CLHS 15.1.2.1).

(defun %upgraded-integer-type (low high)
  "The element type that holds the integers from LOW to HIGH."
  (cond ((< low 0)
         (if (and (<= -2147483648 low) (<= high 2147483647)) '(signed-byte 32) t))
        ((<= high 1) 'bit)
        ((<= high 255) '(unsigned-byte 8))
        ((<= high 65535) '(unsigned-byte 16))
        ((<= high 4294967295) '(unsigned-byte 32))
        (t t)))

(defun %upgraded-compound-type (name parameter more)
  "The element type for the integer type specifier (NAME PARAMETER . MORE), or NIL if it is of another form."
  (cond ((eq name 'unsigned-byte)
         (and (%fixnump parameter) (%upgraded-integer-type 0 (if (< parameter 33) (1- (ash 1 parameter)) 4294967296))))
        ((eq name 'signed-byte)
         (and (%fixnump parameter) (if (<= parameter 32) '(signed-byte 32) t)))
        ((eq name 'mod)
         (and (integerp parameter) (%upgraded-integer-type 0 (1- parameter))))
        ((eq name 'integer)
         (and (integerp parameter) (consp more) (integerp (car more))
              (%upgraded-integer-type parameter (car more))))
        (t nil)))

(defun %upgraded-by-subtypep (type)
  "The first specialised element type that includes TYPE, else T."
  (dolist (element-type '(bit (unsigned-byte 8) (unsigned-byte 16) (unsigned-byte 32) (signed-byte 32)
                          character single-float double-float)
                        t)
    (when (subtypep type element-type) (return element-type))))

(defun upgraded-array-element-type (type &optional environment)
  (declare (ignore environment))
  (cond ((member type '(t *) :test #'eq) t)
        ;; Vectors of NIL are strings (CLHS 13.1.1, STRING).
        ((member type '(character base-char standard-char extended-char nil) :test #'eq) 'character)
        ((eq type 'bit) 'bit)
        ((eq type 'fixnum) '(signed-byte 32))
        ((member type '(single-float short-float) :test #'eq) 'single-float)
        ((member type '(double-float long-float) :test #'eq) 'double-float)
        ((and (consp type) (consp (cdr type)) (%upgraded-compound-type (car type) (cadr type) (cddr type))))
        (t (%upgraded-by-subtypep type))))

(defun %element-type-data (type)
  "An empty data vector of the kind that arrays of element type TYPE have."
  (if (eq type t)
      (%array-new simple-vector 0 0)
      (%empty-data (upgraded-array-element-type type))))

;;; Dimensions.

(defun %check-dimension (dimension)
  (unless (and (%fixnump dimension) (<= 0 dimension) (< dimension array-dimension-limit))
    (%type-error dimension `(integer 0 (,array-dimension-limit))))
  dimension)

(defun %dimension-vector (dimensions)
  "The simple vector of the checked dimensions, given as MAKE-ARRAY takes them: a list or the one dimension itself."
  (if (listp dimensions)
      (let* ((rank (%list-length dimensions))
             (result (%array-new simple-vector rank 0))
             (i (%i32 0)))
        (unless (< rank array-rank-limit)
          (%error "An array cannot have ~D dimensions." rank))
        (dolist (dimension dimensions result)
          (%array-set simple-vector result i (%check-dimension dimension))
          (setq i (%i32.add i 1))))
      (%array-new simple-vector 1 (%check-dimension dimensions))))

(defun %total-size (dimensions)
  "The product of the simple vector DIMENSIONS. TYPE-ERROR if it is beyond the limit."
  (let ((size 1))
    (dotimes (i (%fixnum (%array-length simple-vector dimensions)))
      (setq size (* size (svref dimensions i))))
    (%check-dimension size)))

;;; Contents.

(defun %fill-contents (data position dimensions depth contents)
  "Stores the nested sequence CONTENTS, which has the DIMENSIONS from DEPTH on, in DATA from POSITION. Returns the
next position."
  (if (eq depth (%fixnum (%array-length simple-vector dimensions)))
      (progn (%data-set data position contents)
             (1+ position))
      (let ((dimension (svref dimensions depth))
            (inner (1+ depth)))
        (unless (eql (length contents) dimension)
          (%error "~D elements are wanted in the initial contents ~S, there are ~D."
                 dimension contents (length contents)))
        (%do-sequence (element contents)
          (setq position (%fill-contents data position dimensions inner element)))
        position)))

(defun %initial-data (like dimensions size element-p element contents-p contents)
  "A data vector of the kind of LIKE with the initial element or contents, as far as supplied."
  (cond (element-p (%make-filled-data like size element))
        (t (let ((data (%make-data like size)))
             (when contents-p
               (%fill-contents data 0 dimensions 0 contents))
             data))))

(defun %check-initial-options (element-p contents-p displaced-to)
  (when (and element-p contents-p)
    (%error "Both an initial element and initial contents were given for an array."))
  (when (and displaced-to (or element-p contents-p))
    (%error "Neither initial element nor initial contents can be given for a displaced array.")))

;;; Headers.

(defun %fill-pointer-value (fill-pointer size rank)
  "The fill pointer that the argument FILL-POINTER of MAKE-ARRAY asks for: an index, or -1 for none."
  (cond ((null fill-pointer) -1)
        ((not (eql rank 1)) (%error "Only a vector can have a fill pointer."))
        ((eq fill-pointer t) size)
        ((and (%fixnump fill-pointer) (<= 0 fill-pointer size)) fill-pointer)
        (t (%type-error fill-pointer `(or boolean (integer 0 ,size))))))

(defun %check-displacement (like target offset size)
  "Signals an error unless SIZE elements of the array TARGET from OFFSET can be those of an array of the kind of LIKE."
  (unless (arrayp target)
    (%type-error target 'array))
  (unless (%data-kind-equal like (%array-data target))
    (%error "An array of ~S cannot be displaced to an array of ~S."
           (%data-element-type like) (%data-element-type (%array-data target))))
  (let ((available (%array-size target)))
    (unless (and (%fixnump offset) (<= 0 offset available))
      (%type-error offset `(integer 0 ,available)))
    (when (< available (+ offset size))
      (%error "An array of ~D elements cannot be displaced to index ~D of an array of ~D." size offset available))))

(defun %make-displaced-array (like dimensions size fill target offset)
  (%check-displacement like target offset size)
  (%new array (%array-data target) offset size fill dimensions 3 target 0))

(defun %make-general-array (like dimensions element-p element contents-p contents
                            adjustable fill-pointer displaced-to offset)
  "MAKE-ARRAY for what is not a plain vector: DIMENSIONS is a simple vector. Arrays with a fill pointer and displaced
arrays are adjustable, asked for or not."
  (let* ((rank (%fixnum (%array-length simple-vector dimensions)))
         (size (%total-size dimensions))
         (fill (%fill-pointer-value fill-pointer size rank)))
    (if displaced-to
        (%make-displaced-array like dimensions size fill displaced-to offset)
        (let ((data (%initial-data like dimensions size element-p element contents-p contents)))
          (cond ((or adjustable fill-pointer) (%new array data 0 size fill dimensions 1 nil 0))
                ((eql rank 1) data)
                (t (%new array data 0 size -1 dimensions 0 nil 0)))))))

(defun make-array (dimensions &key (element-type t) (initial-element nil element-p) (initial-contents nil contents-p)
                                adjustable fill-pointer displaced-to (displaced-index-offset 0))
  (let ((like (%element-type-data element-type)))
    (cond ((or adjustable fill-pointer displaced-to contents-p (not (%fixnump dimensions)))
           (%check-initial-options element-p contents-p displaced-to)
           (%make-general-array like (%dimension-vector dimensions)
                                element-p initial-element contents-p initial-contents
                                adjustable fill-pointer displaced-to displaced-index-offset))
          (element-p (%make-filled-data like (%check-dimension dimensions) initial-element))
          (t (%make-data like (%check-dimension dimensions))))))

(defun vector (&rest objects)
  (let ((result (%array-new simple-vector (%list-length objects) 0))
        (i (%i32 0)))
    (dolist (object objects result)
      (%array-set simple-vector result i object)
      (setq i (%i32.add i 1)))))

;;; Kinds of arrays and their attributes (CLHS 15.2).

(defun arrayp (object)
  (or (%is array object) (%data-vector-p object)))

(defun vectorp (object)
  (%vectorp object))

(defun simple-vector-p (object)
  (%is simple-vector object))

(defun %simple-array-p (object)
  "True if OBJECT is a SIMPLE-ARRAY: not displaced, without fill pointer, not adjustable."
  (if (%is array object)
      (and (%i32.eqz (%get array flags object))
           (%i32.lt_s (%get array fill object) 0))
      (%data-vector-p object)))

(defun bit-vector-p (object)
  (or (%is bit-vector object)
      (and (%is array object)
           (%vectorp object)
           (%is bit-vector (%array-data object)))))

(defun simple-bit-vector-p (object)
  (%is bit-vector object))

(defun %check-array (object)
  (unless (arrayp object)
    (%type-error object 'array)))

(defun adjustable-array-p (array)
  (cond ((%is array array) (%adjustable-p array))
        (t (%check-array array)
           nil)))

(defun array-has-fill-pointer-p (array)
  (cond ((%is array array) (%i32.ge_s (%get array fill array) 0))
        (t (%check-array array)
           nil)))

(defun array-displacement (array)
  (cond ((and (%is array array) (%displaced-p array))
         (values (%get array displaced-to array) (%fixnum (%get array offset array))))
        (t (%check-array array)
           (values nil 0))))

(defun array-element-type (array)
  (%check-array array)
  (%data-element-type (%array-data array)))

(defun array-rank (array)
  (cond ((%is array array) (%fixnum (%array-length simple-vector (%get array dimensions array))))
        (t (%check-array array)
           1)))

(defun %array-size (array)
  "The total size of ARRAY. TYPE-ERROR if it is no array."
  (if (%is array array)
      (%fixnum (%get array size array))
      (%data-case (array)
        (%fixnum (%array-length %kind array))
        (%type-error array 'array))))

(defun array-total-size (array)
  (%array-size array))

(defun array-dimension (array axis)
  (let ((rank (array-rank array)))
    (cond ((not (and (%fixnump axis) (%i32.lt_u (%i32 axis) (%i32 rank))))
           (%type-error axis `(integer 0 (,rank))))
          ((%is array array) (%array-ref simple-vector (%get array dimensions array) axis))
          (t (%data-length array)))))

(defun array-dimensions (array)
  (if (%is array array)
      (let* ((dimensions (%get array dimensions array))
             (result nil))
        (do ((i (%i32.sub (%array-length simple-vector dimensions) 1) (%i32.sub i 1)))
            ((%i32.lt_s i 0) result)
          (push (%array-ref simple-vector dimensions i) result)))
      (list (%array-size array))))

;;; Subscripts.

(defmacro %index-below-p (index limit)
  "True if INDEX is an index below the raw LIMIT."
  `(and (%fixnump ,index) (%i32.lt_u (%i32 ,index) ,limit)))

(defun %check-subscript-count (array count)
  (unless (eql count (array-rank array))
    (%program-error "~D subscript~:P given for an array of rank ~D." count (array-rank array))))

(defun %header-row-major-index (header subscripts)
  "The row-major index of the list SUBSCRIPTS in the array HEADER, or NIL if one is out of bounds."
  (let ((dimensions (%get array dimensions header))
        (index (%i32 0))
        (axis (%i32 0)))
    (dolist (subscript subscripts)
      (let ((dimension (%i32 (%array-ref simple-vector dimensions axis))))
        (unless (%index-below-p subscript dimension)
          (return-from %header-row-major-index nil))
        (setq index (%i32.add (%i32.mul index dimension) (%i32 subscript))
              axis (%i32.add axis 1))))
    (%fixnum index)))

(defun %subscripts-index (array subscripts)
  "The row-major index of the list SUBSCRIPTS in ARRAY, or NIL if one is out of bounds. An error if their number is
wrong."
  (%check-subscript-count array (%list-length subscripts))
  (cond ((%is array array) (%header-row-major-index array subscripts))
        ((%index-below-p (car subscripts) (%i32 (%data-length array))) (car subscripts))
        (t nil)))

(defun %subscript-error (array subscripts)
  "Signals the TYPE-ERROR for the first of SUBSCRIPTS that is out of bounds in ARRAY."
  (let ((axis 0))
    (dolist (subscript subscripts)
      (let ((dimension (array-dimension array axis)))
        (unless (%index-below-p subscript (%i32 dimension))
          (%bad-index subscript dimension))
        (setq axis (1+ axis))))))

(defun %row-major-index (array subscripts)
  "The row-major index of the list SUBSCRIPTS in ARRAY. TYPE-ERROR if one is out of bounds."
  (or (%subscripts-index array subscripts)
      (%subscript-error array subscripts)))

(defun array-row-major-index (array &rest subscripts)
  (%row-major-index array subscripts))

(defun array-in-bounds-p (array &rest subscripts)
  (cond ((%subscripts-index array subscripts) t)
        (t (dolist (subscript subscripts nil)
             (unless (integerp subscript)
               (%type-error subscript 'integer))))))

;;; Elements.

(defun %header-ref (header index)
  (unless (%index-below-p index (%get array size header))
    (%bad-index index (%fixnum (%get array size header))))
  (%data-ref (%array-data header) (%fixnum (%i32.add (%array-offset header) index))))

(defun %header-set (header index new)
  (unless (%index-below-p index (%get array size header))
    (%bad-index index (%fixnum (%get array size header))))
  (%data-set (%array-data header) (%fixnum (%i32.add (%array-offset header) index)) new))

(defun row-major-aref (array index)
  (if (%is array array)
      (%header-ref array index)
      (%data-case (array index)
        (if (%index-below-p index (%array-length %kind array))
            %read
            (%bad-index index (%fixnum (%array-length %kind array))))
        (%type-error array 'array))))

(defun (setf row-major-aref) (new array index)
  (if (%is array array)
      (%header-set array index new)
      (%data-case (array index new)
        (cond ((not (%index-below-p index (%array-length %kind array)))
               (%bad-index index (%fixnum (%array-length %kind array))))
              (%valid
               (%array-set %kind array index %raw)
               new)
              (t (%type-error new '%element-type)))
        (%type-error array 'array))))

(defun %vector-ref (vector index)
  "(AREF VECTOR INDEX)"
  (when (%is array vector)
    (%check-subscript-count vector 1))
  (row-major-aref vector index))

(defun %vector-set (vector index new)
  "(SETF (AREF VECTOR INDEX) NEW)"
  (when (%is array vector)
    (%check-subscript-count vector 1))
  (setf (row-major-aref vector index) new))

(defun %matrix-index (array row column)
  "The row-major index of (AREF ARRAY ROW COLUMN). TYPE-ERROR if that is out of bounds."
  (%check-subscript-count array 2)
  (let* ((dimensions (%get array dimensions array))
         (rows (%i32 (%array-ref simple-vector dimensions 0)))
         (columns (%i32 (%array-ref simple-vector dimensions 1))))
    (unless (%index-below-p row rows)
      (%bad-index row (%fixnum rows)))
    (unless (%index-below-p column columns)
      (%bad-index column (%fixnum columns)))
    (%fixnum (%i32.add (%i32.mul row columns) column))))

;; One and two subscripts reach their functions without a list of them being made.

(defun aref (array &optional (i nil i-p) (j nil j-p) &rest more)
  (cond (more (row-major-aref array (%row-major-index array (list* i j more))))
        (j-p (row-major-aref array (%matrix-index array i j)))
        (i-p (%vector-ref array i))
        (t (row-major-aref array (%row-major-index array nil)))))

(defun (setf aref) (new array &optional (i nil i-p) (j nil j-p) &rest more)
  (cond (more (setf (row-major-aref array (%row-major-index array (list* i j more))) new))
        (j-p (setf (row-major-aref array (%matrix-index array i j)) new))
        (i-p (%vector-set array i new))
        (t (setf (row-major-aref array (%row-major-index array nil)) new))))

(defun %check-simple-vector-index (vector index)
  (unless (%is simple-vector vector)
    (%type-error vector 'simple-vector))
  (unless (%index-below-p index (%array-length simple-vector vector))
    (%bad-index index (%fixnum (%array-length simple-vector vector)))))

(defun svref (vector index)
  (%check-simple-vector-index vector index)
  (%array-ref simple-vector vector index))

(defun (setf svref) (new vector index)
  (%check-simple-vector-index vector index)
  (%array-set simple-vector vector index new))

;;; The slow paths of inline AREF and (SETF AREF) with one subscript.

(defun generic-aref (vector index)
  (%vector-ref vector index))

(defun generic-set-aref (value vector index)
  (%vector-set vector index value))
