;;;; Fill pointers, vectors as stacks, and ADJUST-ARRAY (CLHS 15.2).

(in-package :clysm)

;;; Fill pointers.

(defun %check-fill-pointer (vector)
  (unless (and (%is array vector) (%i32.ge_s (%get array fill vector) 0))
    (%type-error vector '(and vector (satisfies array-has-fill-pointer-p)))))

(defun fill-pointer (vector)
  (%check-fill-pointer vector)
  (%fixnum (%get array fill vector)))

(defun (setf fill-pointer) (new vector)
  (%check-fill-pointer vector)
  (unless (and (%fixnump new) (%i32.le_u (%i32 new) (%get array size vector)))
    (%type-error new `(integer 0 ,(%fixnum (%get array size vector)))))
  (%set array fill vector new)
  new)

(defun %store-at-fill-pointer (new vector)
  "Stores NEW at the fill pointer of VECTOR, which is below its size, and advances that. Returns the index stored at."
  (let ((fill (%get array fill vector)))
    (%data-set (%array-data vector) (%fixnum (%i32.add (%array-offset vector) fill)) new)
    (%set array fill vector (%i32.add fill 1))
    (%fixnum fill)))

(defun vector-push (new vector)
  (%check-fill-pointer vector)
  (if (%i32.lt_s (%get array fill vector) (%get array size vector))
      (%store-at-fill-pointer new vector)
      nil))

(defun vector-pop (vector)
  (%check-fill-pointer vector)
  (let ((fill (%get array fill vector)))
    (when (%i32.eqz fill)
      (%error "There is nothing to pop: the fill pointer is zero."))
    (setq fill (%i32.sub fill 1))
    (%set array fill vector fill)
    (%data-ref (%array-data vector) (%fixnum (%i32.add (%array-offset vector) fill)))))

(defun %extend-vector (vector extension)
  "Makes the adjustable VECTOR longer by EXTENSION elements. It is not displaced afterwards."
  (let* ((size (%fixnum (%get array size vector)))
         (old (%array-data vector))
         (new-size (%check-dimension (+ size extension)))
         (data (%make-data old new-size)))
    (%data-copy data 0 old (%array-offset vector) size)
    (%reset-header vector data 0 new-size (%array-new simple-vector 1 new-size) nil)))

(defun vector-push-extend (new vector &optional (extension 0 extension-p))
  (%check-fill-pointer vector)
  (when (and extension-p (not (and (%fixnump extension) (< 0 extension))))
    (%type-error extension '(integer 1)))
  (unless (%i32.lt_s (%get array fill vector) (%get array size vector))
    (unless (%adjustable-p vector)
      (%type-error vector '(and vector (satisfies adjustable-array-p))))
    (%extend-vector vector (if extension-p extension (max 4 (%fixnum (%get array size vector))))))
  (%store-at-fill-pointer new vector))

;;; ADJUST-ARRAY.

(defun %reset-header (header data offset size dimensions displaced-to)
  "Gives the adjustable HEADER another body, leaving its fill pointer alone."
  (%set array data header data)
  (%set array offset header offset)
  (%set array size header size)
  (%set array dimensions header dimensions)
  (%set array flags header (if displaced-to 3 1))
  (%set array displaced-to header displaced-to)
  header)

(defun %copy-common-elements (data dimensions array)
  "Copies to DATA, an array body of DIMENSIONS, the elements of ARRAY, of the same rank, at subscripts that both have."
  (let ((last (1- (array-rank array)))
        (old-data (%array-data array))
        (offset (%array-offset array)))
    ;; TO and FROM count subarrays of AXIS, which on the last axis are the elements.
    (labels ((copy-axis (axis to from)
               (let ((common (min (svref dimensions axis) (array-dimension array axis))))
                 (if (eql axis last)
                     (%data-copy data to old-data (+ offset from) common)
                     (let ((next (1+ axis)))
                       (dotimes (i common)
                         (copy-axis next
                                    (* (+ to i) (svref dimensions next))
                                    (* (+ from i) (array-dimension array next)))))))))
      (if (eql last -1)
          (%data-copy data 0 old-data offset 1)
          (copy-axis 0 0 0)))
    data))

(defun %adjusted-data (array dimensions size element-p element contents-p contents)
  "The data vector for ARRAY adjusted to DIMENSIONS."
  (let* ((like (%array-data array))
         (data (%initial-data like dimensions size element-p element contents-p contents)))
    (unless contents-p
      (%copy-common-elements data dimensions array))
    data))

(defun %check-adjustment (array dimensions element-type element-type-p fill-pointer)
  (unless (eql (array-rank array) (%fixnum (%array-length simple-vector dimensions)))
    (%error "An array of rank ~D cannot be adjusted to rank ~D."
           (array-rank array) (%fixnum (%array-length simple-vector dimensions))))
  (when (and element-type-p
             (not (%data-kind-equal (%element-type-data element-type) (%array-data array))))
    (%error "The element type ~S is not that of the array to adjust, ~S." element-type (array-element-type array)))
  (when fill-pointer
    (%check-fill-pointer array)))

(defun %adjusted-fill-pointer (array fill-pointer size)
  "The fill pointer of ARRAY once it has SIZE elements, -1 for none."
  (cond (fill-pointer (%fill-pointer-value fill-pointer size 1))
        ((not (array-has-fill-pointer-p array)) -1)
        ((<= (fill-pointer array) size) (fill-pointer array))
        (t (%error "The fill pointer ~D is beyond the new size ~D." (fill-pointer array) size))))

(defun %displaced-through-p (target array)
  "True if the elements of TARGET are found through ARRAY."
  (do ((a target (%get array displaced-to a)))
      ((not (%is array a)) nil)
    (when (eq a array) (return t))
    (unless (%displaced-p a) (return nil))))

(defun %adjust-displaced (array dimensions size fill target offset)
  (%check-displacement (%array-data array) target offset size)
  (when (%displaced-through-p target array)
    (%error "An array cannot be displaced to itself."))
  (cond ((adjustable-array-p array)
         (%set array fill array fill)
         (%reset-header array (%array-data target) offset size dimensions target))
        (t (%make-displaced-array (%array-data array) dimensions size fill target offset))))

(defun %adjust-body (array dimensions size fill data)
  "ARRAY, or if it is not adjustable a fresh array, over DATA."
  (cond ((adjustable-array-p array)
         (%set array fill array fill)
         (%reset-header array data 0 size dimensions nil))
        ((%is array array) (%new array data 0 size fill dimensions 0 nil 0))
        (t data)))

(defun adjust-array (array new-dimensions &key (element-type t element-type-p) (initial-element nil element-p)
                                            (initial-contents nil contents-p) fill-pointer displaced-to
                                            (displaced-index-offset 0))
  (%check-array array)
  (let* ((dimensions (%dimension-vector new-dimensions))
         (size (%total-size dimensions)))
    (%check-adjustment array dimensions element-type element-type-p fill-pointer)
    (%check-initial-options element-p contents-p displaced-to)
    (let ((fill (%adjusted-fill-pointer array fill-pointer size)))
      (if displaced-to
          (%adjust-displaced array dimensions size fill displaced-to displaced-index-offset)
          (%adjust-body array dimensions size fill
                        (%adjusted-data array dimensions size element-p initial-element
                                        contents-p initial-contents))))))
