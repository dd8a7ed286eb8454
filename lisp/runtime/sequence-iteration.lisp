;;;; The loops over sequences that arrays and sequence functions are written with, and the functions these loops call
;;;; (CLHS 17.1). A loop macro repeats its body once for each representation it treats apart, so bodies should be small.

(in-package :clysm)

;;; Lists.

(defun %check-list-tail (tail)
  "False. TYPE-ERROR if TAIL, which is no cons, does not end a proper list."
  (if (null tail)
      nil
      (%type-error tail 'list)))

(defmacro %list-more-p (tail)
  "True if the variable TAIL holds a cons. TYPE-ERROR if it holds neither a cons nor NIL."
  `(or (consp ,tail) (%check-list-tail ,tail)))

(defun %list-from (list start end)
  "The tail of LIST from index START. TYPE-ERROR unless START and END, NIL or an index, bound a subsequence of it."
  (cond ((and (eq start 0) (null end)) list)
        (t (%check-bounds start end (%list-length list))
           (%nthcdr start list))))

(defun %list-count (start end)
  "The number of elements to visit from START, where all that there are is meant if END is NIL."
  (if end
      (- end start)
      1073741823))

(defmacro %do-list ((element list start end &optional (cell (gensym))) &body body)
  "Evaluates BODY, within a block named NIL, with ELEMENT bound to each element of LIST from START below END (or NIL)
and CELL to its cons. The value is NIL unless BODY returns."
  (let ((left (gensym)) (from (gensym)) (below (gensym)))
    `(let ((,from ,start) (,below ,end))
       (do ((,cell (%list-from ,list ,from ,below) (cdr ,cell))
            (,left (%i32 (%list-count ,from ,below)) (%i32.sub ,left 1)))
           ((or (%i32.eqz ,left) (not (%list-more-p ,cell))) nil)
         (let ((,element (car ,cell)))
           (declare (ignorable ,element))
           ,@body)))))

;;; Vectors.

(defmacro %do-vector-indices ((element index reader first limit step) &body body)
  `(do ((,index ,first (%i32.add ,index ,step)))
       ((%i32.eq ,index ,limit) nil)
     (let ((,element ,reader))
       (declare (ignorable ,element))
       ,@body)))

(defmacro %do-vector ((element index vector start end &optional (from-end nil from-end-p)) &body body)
  "Evaluates BODY, within a block named NIL, with ELEMENT bound to each element of VECTOR from START below END (or
NIL) and the raw variable INDEX to its index; in descending order if FROM-END is true. The value is NIL unless BODY
returns."
  (let ((data (gensym)) (offset (gensym)) (from (gensym)) (below (gensym))
        (first (gensym)) (limit (gensym)) (step (gensym)))
    (flet ((indices (reader)
             (if from-end-p
                 `(%do-vector-indices (,element ,index ,reader ,first ,limit ,step) ,@body)
                 `(%do-vector-indices (,element ,index ,reader ,from ,below 1) ,@body))))
      (let ((loops `(if (%is simple-vector ,data)
                        ,(indices `(%array-ref simple-vector ,data (%i32.add ,offset ,index)))
                        ,(indices `(%data-ref ,data (%fixnum (%i32.add ,offset ,index)))))))
        `(%with-vector-data (,data ,offset ,from ,below) (,vector ,start ,end)
           ,(if from-end-p
                (let ((backwards (gensym)))
                  `(let* ((,backwards (if ,from-end (%i32 1) (%i32 0)))
                          (,first (if (%i32.eqz ,backwards) ,from (%i32.sub ,below 1)))
                          (,limit (if (%i32.eqz ,backwards) ,below (%i32.sub ,from 1)))
                          (,step (%i32.sub 1 (%i32.mul 2 ,backwards))))
                     ,loops))
                loops))))))

;;; Either.

(defmacro %do-sequence ((element sequence &optional (start 0) (end nil)) &body body)
  "Evaluates BODY, within a block named NIL, with ELEMENT bound to each element of SEQUENCE from START below END (or
NIL)."
  (let ((object (gensym)))
    `(let ((,object ,sequence))
       (if (listp ,object)
           (%do-list (,element ,object ,start ,end) ,@body)
           (%do-vector (,element ,(gensym) ,object ,start ,end) ,@body)))))

(defmacro %sequence-case (sequence list-form vector-form)
  "Evaluates LIST-FORM if the variable SEQUENCE holds a list, VECTOR-FORM if a vector. TYPE-ERROR otherwise."
  `(cond ((listp ,sequence) ,list-form)
         ((%vectorp ,sequence) ,vector-form)
         (t (%type-error ,sequence 'sequence))))
