;;;; Sorting and merging (CLHS 17.2, SORT, STABLE-SORT, MERGE).
;;;;
;;;; One stable merge sort of simple vectors serves SORT and STABLE-SORT on every sequence: other sequences are copied
;;;; to a simple vector and back, so that a sorted list keeps its conses and begins with the same one.

(in-package :clysm)

(defmacro %define-merge-sort ((name insert merge) (a b) before)
  "Defines (NAME data from below spare function key), which sorts the elements of the simple vector DATA from FROM
below BELOW. BEFORE tells if the key A is strictly before the key B; it may call FUNCTION. SPARE has room for half of
the elements. INSERT and MERGE are the names of its parts."
  `(progn
     (defun ,insert (data from below function key)
       (declare (ignorable function))
       (do ((i (%i32.add from 1) (%i32.add i 1))
            (first (%i32 from)))
           ((%i32.ge_s i below) data)
         (let* ((element (%array-ref simple-vector data i))
                (,a (%keyed key element))
                (to i))
           (do ()
               ((%i32.eq to first))
             (let* ((other (%array-ref simple-vector data (%i32.sub to 1)))
                    (,b (%keyed key other)))
               (unless ,before (return))
               (%array-set simple-vector data to other)
               (setq to (%i32.sub to 1))))
           (%array-set simple-vector data to element))))
     (defun ,merge (data from middle below spare function key)
       ;; The left half waits in SPARE; the result never overtakes the right half.
       (declare (ignorable function))
       (let* ((count (%i32.sub middle from))
              (left (%i32 0))
              (right (%i32 middle))
              (to (%i32 from))
              (left-element (%array-ref simple-vector data from))
              (right-element (%array-ref simple-vector data middle))
              (,b (%keyed key left-element))
              (,a (%keyed key right-element)))
         (%array-copy simple-vector spare 0 simple-vector data from count)
         (do ()
             (nil)
           (cond (,before
                  (%array-set simple-vector data to right-element)
                  (setq right (%i32.add right 1))
                  (when (%i32.ge_s right below)
                    (return))
                  (setq right-element (%array-ref simple-vector data right)
                        ,a (%keyed key right-element)))
                 (t
                  (%array-set simple-vector data to left-element)
                  (setq left (%i32.add left 1))
                  (when (%i32.ge_s left count)
                    (return))
                  (setq left-element (%array-ref simple-vector spare left)
                        ,b (%keyed key left-element))))
           (setq to (%i32.add to 1)))
         (%array-copy simple-vector data (%i32.add to 1) simple-vector spare left (%i32.sub count left))
         data))
     (defun ,name (data from below spare function key)
       (if (%i32.le_s (%i32.sub below from) 8)
           (,insert data from below function key)
           (let ((middle (%fixnum (%i32.shr_u (%i32.add from below) 1))))
             (,name data from middle spare function key)
             (,name data middle below spare function key)
             (let ((,a (%keyed key (%array-ref simple-vector data middle)))
                   (,b (%keyed key (%array-ref simple-vector data (%i32.sub middle 1)))))
               (when ,before
                 (,merge data from middle below spare function key)))
             data)))))

(%define-merge-sort (%sort-by-function %insert-by-function %merge-by-function) (a b) (%funcall function a b))
(%define-merge-sort (%sort-ascending %insert-ascending %merge-ascending) (a b) (< a b))
(%define-merge-sort (%sort-descending %insert-descending %merge-descending) (a b) (> a b))

(defun %sort-data (data from below function key)
  "Sorts the elements of the simple vector DATA from FROM below BELOW by FUNCTION of their keys."
  (let ((spare (%array-new simple-vector (%i32.shr_u (%i32.add (%i32.sub below from) 1) 1) 0)))
    (cond ((eq function #'<) (%sort-ascending data from below spare function key))
          ((eq function #'>) (%sort-descending data from below spare function key))
          (t (%sort-by-function data from below spare function key)))))

(defun %sort-copy (sequence function key)
  "Sorts SEQUENCE by way of a simple vector."
  (let ((data (%keys-vector sequence 0 nil nil)))
    (%sort-data data 0 (%fixnum (%array-length simple-vector data)) function key)
    (replace sequence data)))

(defun %sort-simple-vector (vector function key)
  "Sorts VECTOR, whose data vector is a simple vector."
  (let ((offset (%array-offset vector)))
    (%sort-data (%array-data vector) offset (+ offset (%vector-length vector)) function key)
    vector))

(defun stable-sort (sequence predicate &key key)
  (let ((function (%callable predicate))
        (key (%key-function key)))
    (%sequence-case sequence
      (%sort-copy sequence function key)
      (if (%is simple-vector (%array-data sequence))
          (%sort-simple-vector sequence function key)
          (%sort-copy sequence function key)))))

(defun sort (sequence predicate &key key)
  (stable-sort sequence predicate :key key))

;;; MERGE.

(defmacro %do-merged ((element sequence1 sequence2 function key) &body body)
  "Evaluates BODY with ELEMENT bound to the elements of both sequences in merged order."
  `(%with-cursor (cell1 data1 index1 left1) (,sequence1 0 nil)
     (%with-cursor (cell2 data2 index2 left2) (,sequence2 0 nil)
       (do ()
           ((and (%i32.eqz left1) (%i32.eqz left2)))
         (let ((,element nil))
           (cond ((%second-first-p left1 left2 ,function
                                   (%keyed ,key (%cursor-element cell2 data2 index2))
                                   (%keyed ,key (%cursor-element cell1 data1 index1)))
                  (setq ,element (%cursor-element cell2 data2 index2)
                        cell2 (cdr cell2)
                        index2 (%i32.add index2 1)
                        left2 (%i32.sub left2 1)))
                 (t
                  (setq ,element (%cursor-element cell1 data1 index1)
                        cell1 (cdr cell1)
                        index1 (%i32.add index1 1)
                        left1 (%i32.sub left1 1))))
           ,@body)))))

(defmacro %second-first-p (left1 left2 function key2 key1)
  "True if the next element is the second sequence's: it has one, and the first none or a later one."
  `(cond ((%i32.eqz ,left2) nil)
         ((%i32.eqz ,left1) t)
         (t (%funcall ,function ,key2 ,key1))))

(defun %merge-to-list (sequence1 sequence2 function key)
  (let* ((head (cons nil nil)) (last head))
    (%do-merged (element sequence1 sequence2 function key)
      (%add-cell last element))
    (cdr head)))

(defun merge (result-type sequence1 sequence2 predicate &key key)
  (let* ((function (%callable predicate))
         (key (%key-function key))
         (length (+ (length sequence1) (length sequence2)))
         (representation (%result-representation result-type length)))
    (if (eq representation 'list)
        (%merge-to-list sequence1 sequence2 function key)
        (let ((data (%make-data representation length))
              (to (%i32 0)))
          (%do-merged (element sequence1 sequence2 function key)
            (%data-set data (%fixnum to) element)
            (setq to (%i32.add to 1)))
          data))))
