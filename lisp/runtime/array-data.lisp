;;;; Data vectors: the simple vectors that hold the elements of every array, and the one table of their kinds (CLHS
;;;; 15.1.2).
;;;;
;;;; A simple one-dimensional array IS a data vector; every other array is a header (GC type ARRAY) that leads to one.
;;;; Functions on data vectors take fixnum indices that are known to be in bounds; checking belongs to their callers.

(in-package :clysm)

(defmacro %character-of-code (code)
  "The character of the raw CODE; those below 256 are shared."
  (let ((raw (gensym)))
    `(let ((,raw (%i32 ,code)))
       (if (%i32.lt_u ,raw 256)
           (%array-ref simple-vector (%characters) ,raw)
           (%new character ,raw)))))

;;; In the forms of the table %DATA, %INDEX and %VALUE stand for the vector, the index and the new element.
;;;   kind           GC type of the data vector
;;;   element-type   what ARRAY-ELEMENT-TYPE answers
;;;   zero           raw element of a vector made without initial element
;;;   valid          whether %VALUE may be stored
;;;   raw            %VALUE as the GC array holds it
;;;   read           the element at %INDEX as a Lisp object
(defmacro %data-case ((data &optional index value) form
                      &optional (otherwise `(%type-error ,data '(simple-array * (*)))))
  "Evaluates FORM as it reads for the kind of the data vector in the variable DATA. Within FORM the symbols %KIND,
%ELEMENT-TYPE, %ZERO, %VALID, %RAW and %READ stand for the columns of the table of kinds."
  `(cond ,@(mapcar (lambda (row)
                     (let ((columns (mapcar #'cons '(%kind %element-type %zero %valid %raw %read)
                                            (sublis (list (cons '%data data) (cons '%index index) (cons '%value value))
                                                    row))))
                       `((%is ,(car row) ,data) ,(sublis columns form))))
             '((simple-vector t 0
                t %value
                (%array-ref simple-vector %data %index))
               (string character 0
                (%is character %value) (%get character code %value)
                (%character-of-code (%array-ref string %data %index)))
               (u8-vector (unsigned-byte 8) 0
                (and (%fixnump %value) (%i32.le_u (%i32 %value) 255)) (%i32 %value)
                (%fixnum (%array-ref u8-vector %data %index)))
               (bit-vector bit 0
                (or (eq %value 0) (eq %value 1)) (%i32 %value)
                (%fixnum (%array-ref bit-vector %data %index)))
               (f64-vector double-float 0d0
                (%is double %value) (%get double value %value)
                (%array-ref f64-vector %data %index))
               (f32-vector single-float 0f0
                (%is single %value) (%get single value %value)
                (%array-ref f32-vector %data %index))
               (s32-vector (signed-byte 32) 0
                (%signed-word-p %value) (%i32.wrap_i64 (%i64 %value))
                (%array-ref s32-vector %data %index))
               (u32-vector (unsigned-byte 32) 0
                (%unsigned-word-p %value) (%i32.wrap_i64 (%i64 %value))
                (%u32 (%array-ref u32-vector %data %index)))
               (u16-vector (unsigned-byte 16) 0
                (and (%fixnump %value) (%i32.le_u (%i32 %value) 65535)) (%i32 %value)
                (%fixnum (%array-ref u16-vector %data %index)))))
         (t ,otherwise)))

(defun %signed-word-p (value)
  (or (%fixnump value)
      (and (integerp value) (<= -2147483648 value 2147483647))))

(defun %unsigned-word-p (value)
  (and (integerp value) (<= 0 value 4294967295)))

(defun %data-vector-p (object)
  "True if OBJECT is a simple one-dimensional array."
  (%data-case (object) t nil))

(defun %data-length (data)
  (%data-case (data) (%fixnum (%array-length %kind data))))

(defun %data-element-type (data)
  (%data-case (data) '%element-type))

(defun %data-ref (data index)
  (%data-case (data index) %read))

(defun %data-set (data index value)
  "Stores VALUE, which is returned. TYPE-ERROR if it is not of the element type."
  (%data-case (data index value)
    (if %valid
        (progn (%array-set %kind data index %raw)
               value)
        (%type-error value '%element-type))))

(defun %empty-data (element-type)
  "An empty data vector of the kind whose ELEMENT-TYPE column is EQUAL to ELEMENT-TYPE."
  (cond ((eq element-type t) (%array-new simple-vector 0 0))
        ((eq element-type 'character) (%array-new string 0 0))
        ((eq element-type 'bit) (%array-new bit-vector 0 0))
        ((eq element-type 'single-float) (%array-new f32-vector 0 0f0))
        ((eq element-type 'double-float) (%array-new f64-vector 0 0d0))
        ((eq (car element-type) 'signed-byte) (%array-new s32-vector 0 0))
        ((eq (cadr element-type) 8) (%array-new u8-vector 0 0))
        ((eq (cadr element-type) 16) (%array-new u16-vector 0 0))
        (t (%array-new u32-vector 0 0))))

(defun %make-data (like size)
  "A data vector of SIZE zero elements of the kind of the data vector LIKE."
  (%data-case (like) (%array-new %kind size %zero)))

(defun %make-filled-data (like size value)
  "A data vector of SIZE elements VALUE of the kind of LIKE. TYPE-ERROR if VALUE is not of its element type."
  (%data-case (like nil value)
    (if %valid
        (%array-new %kind size %raw)
        (%type-error value '%element-type))))

(defun %data-fill (data start end value)
  (%data-case (data nil value)
    (if %valid
        (%array-fill %kind data start %raw (%i32.sub end start))
        (%type-error value '%element-type)))
  data)

(defun %data-kind-equal (a b)
  "True if the data vectors A and B are of one kind."
  (%data-case (a) (%is %kind b)))

(defun %data-copy (target target-start source source-start count)
  "Copies COUNT elements; the regions may overlap. TYPE-ERROR if the kinds differ and an element does not fit."
  (%data-case (target)
    (if (%is %kind source)
        (%array-copy %kind target target-start %kind source source-start count)
        (%data-copy-elements target target-start source source-start count)))
  target)

(defun %data-copy-elements (target target-start source source-start count)
  (do ((i (%i32 0) (%i32.add i 1))
       (from (%i32 source-start) (%i32.add from 1))
       (to (%i32 target-start) (%i32.add to 1))
       (n (%i32 count)))
      ((%i32.ge_s i n) target)
    (%data-set target (%fixnum to) (%data-ref source (%fixnum from)))))

(defun %subdata (data start end)
  "A fresh data vector of the elements of DATA from START below END."
  (let ((count (%i32.sub end start)))
    (%data-case (data)
      (let ((result (%array-new %kind count %zero)))
        (%array-copy %kind result 0 %kind data start count)
        result))))

;;; What any array leads to. A displaced array finds the data through its target at each access, since the target may
;;; have been adjusted since (CLHS ADJUST-ARRAY).

(defmacro %adjustable-p (header)
  `(%i32.ne (%i32.and (%get array flags ,header) 1) 0))

(defmacro %displaced-p (header)
  `(%i32.ne (%i32.and (%get array flags ,header) 2) 0))

(defun %array-data (array)
  "The data vector that holds the elements of ARRAY."
  (do ((a array (%get array displaced-to a)))
      ((not (%is array a)) a)
    (unless (%displaced-p a)
      (return (%get array data a)))))

(defun %array-offset (array)
  "The index of element 0 of ARRAY within (%ARRAY-DATA ARRAY)."
  (if (and (%is array array) (%displaced-p array))
      (%displaced-offset array)
      0))

(defun %displaced-offset (array)
  "The offset of a displaced ARRAY. An error if its target has been adjusted to be too small for it."
  (let ((offset (%i32 0)) (a array))
    (do ()
        ((not (and (%is array a) (%displaced-p a))))
      (setq offset (%i32.add offset (%get array offset a))
            a (%get array displaced-to a)))
    (when (%i32.gt_s (%i32.add offset (%get array size array)) (%data-length (%array-data a)))
      (%error "The array is displaced beyond the end of its target, which has been adjusted."))
    (%fixnum offset)))

(defun %vectorp (object)
  (if (%is array object)
      (%i32.eq (%array-length simple-vector (%get array dimensions object)) 1)
      (%data-vector-p object)))

(defun %vector-length (vector)
  "The number of active elements of VECTOR: its fill pointer if it has one. TYPE-ERROR if it is no vector."
  (%data-case (vector)
    (%fixnum (%array-length %kind vector))
    (if (%vectorp vector)
        (%header-length vector)
        (%type-error vector 'vector))))

(defun %header-length (header)
  (let ((fill (%get array fill header)))
    (if (%i32.lt_s fill 0)
        (%fixnum (%get array size header))
        (%fixnum fill))))

;;; Bounding index designators (CLHS 17.1, glossary).

(defun %check-bounds (start end length)
  "Returns the end that END, NIL or an index, designates in a sequence of LENGTH elements, having checked START and
END."
  (let ((limit (cond ((null end) length)
                     ((and (%fixnump end) (%i32.le_u (%i32 end) (%i32 length))) end)
                     (t (%type-error end `(or null (integer 0 ,length)))))))
    (unless (and (%fixnump start) (%i32.le_u (%i32 start) (%i32 limit)))
      (%type-error start `(integer 0 ,limit)))
    limit))

(defmacro %with-vector-data ((data offset start end) (vector start-form end-form) &body body)
  "Binds DATA to the data vector of VECTOR and the raw variables START and END to its checked bounding indices; the
element at index I of VECTOR is the element at OFFSET + I of DATA."
  (let ((object (gensym)))
    `(let* ((,object ,vector)
            (,start ,start-form)
            (,end (%i32 (%check-bounds ,start ,end-form (%vector-length ,object))))
            (,start (%i32 ,start))
            (,offset (%i32 (%array-offset ,object)))
            (,data (%array-data ,object)))
       (declare (ignorable ,start ,end ,offset))
       ,@body)))
