;;;; Removing and replacing elements: REMOVE, DELETE, SUBSTITUTE, NSUBSTITUTE, REMOVE-DUPLICATES (CLHS 17.2, 17.3).
;;;;
;;;; The workers go through a sequence forwards only, calling the matcher once for each element until the limit of
;;;; changes is reached. Changes counted from the end are found beforehand, by %LAST-MATCHES.

(in-package :clysm)

;;; How many and which.

(defun %change-limit (count)
  "The number of elements that the argument COUNT lets be changed, a fixnum."
  (cond ((null count) most-positive-fixnum)
        ((%fixnump count) (if (< count 0) 0 count))
        ((integerp count) (if (< count 0) 0 most-positive-fixnum))
        (t (%type-error count '(or null integer)))))

(defun %marks-matcher (marks)
  "A matcher for the elements that the ones in the bit vector MARKS stand for, to be called on each in order."
  (let ((index 0))
    (lambda (element)
      (declare (ignore element))
      (let ((marked (%i32.ne (%array-ref bit-vector marks index) 0)))
        (setq index (1+ index))
        marked))))

(defun %last-matches (item matcher vector start end limit)
  "A matcher for the last LIMIT matches among the elements of VECTOR from START below END. It tests the last element
first."
  (let ((marks (%array-new bit-vector (- (%check-bounds start end (%vector-length vector)) start) 0))
        (left (%i32 limit)))
    (%do-vector (element index vector start end t)
      (when (%i32.eqz left) (return))
      (when (%matches-p item matcher element)
        (%array-set bit-vector marks (%i32.sub index start) 1)
        (setq left (%i32.sub left 1))))
    (%marks-matcher marks)))

(defmacro %with-forward-matcher ((item matcher limit) (sequence start end from-end count) &body body)
  "Evaluates BODY with LIMIT bound to the number of changes COUNT allows and the variable MATCHER set to one that
picks the right elements in a forward pass over the SEQUENCE even if FROM-END is true."
  `(let ((,limit (%change-limit ,count)))
     (when (and ,from-end (or ,matcher ,count))
       (setq ,matcher
             (%sequence-case ,sequence
               (%last-matches ,item ,matcher (%list-data ,sequence ,start ,end) 0 nil ,limit)
               (%last-matches ,item ,matcher ,sequence ,start ,end ,limit))))
     ,@body))

;;; REMOVE. The result for a list shares no structure with it, so that it may safely be sorted or concatenated
;;; destructively.

(defun %list-remove (item matcher list start end limit)
  (let* ((rest (%list-from list start end))
         (head (cons nil nil))
         (last head)
         (left (%i32 limit)))
    (do ((tail list (cdr tail)))
        ((eq tail rest))
      (%add-cell last (car tail)))
    (%do-list (element list start end cell)
      (when (%i32.eqz left) (return))
      (if (%matches-p item matcher element)
          (setq left (%i32.sub left 1))
          (%add-cell last element))
      (setq rest (cdr cell)))
    (rplacd last (%sublist rest 0 nil))
    (cdr head)))

(defun %mark-matches (item matcher vector start end limit marks)
  "Sets the bits of MARKS at the indices of the elements of VECTOR to remove. Returns their number."
  (let ((left (%i32 limit)))
    (%do-vector (element index vector start end)
      (when (%i32.eqz left) (return))
      (when (%matches-p item matcher element)
        (%array-set bit-vector marks index 1)
        (setq left (%i32.sub left 1))))
    (- limit (%fixnum left))))

(defun %copy-unmarked (target to source from marks)
  "Copies to the data vector TARGET from index TO the elements of SOURCE from index FROM that MARKS, a bit vector, has
zeros for, a run at a time. TARGET and TO may be SOURCE and FROM."
  (let ((to (%i32 to)) (i (%i32 0)) (n (%array-length bit-vector marks)))
    (do ()
        ((%i32.ge_s i n) target)
      (let ((run i))
        (do ()
            ((or (%i32.ge_s i n) (%i32.ne (%array-ref bit-vector marks i) 0)))
          (setq i (%i32.add i 1)))
        (%data-copy target (%fixnum to) source (%fixnum (%i32.add from run)) (%fixnum (%i32.sub i run)))
        (setq to (%i32.add to (%i32.sub i run))
              i (%i32.add i 1))))))

(defun %vector-remove (item matcher vector start end limit)
  ;; The data are taken before the matcher is called, which might adjust VECTOR.
  (let* ((length (%vector-length vector))
         (data (%array-data vector))
         (offset (%array-offset vector))
         (marks (%array-new bit-vector length 0))
         (removed (%mark-matches item matcher vector start end limit marks)))
    (%copy-unmarked (%make-data data (- length removed)) 0 data offset marks)))

(defun %remove (item matcher sequence start end from-end count)
  (%with-forward-matcher (item matcher limit) (sequence start end from-end count)
    (%sequence-case sequence
      (%list-remove item matcher sequence start end limit)
      (%vector-remove item matcher sequence start end limit))))

(%define-family (remove remove-if remove-if-not) () (from-end count) %remove)

;;; DELETE reuses the conses of a list, and shortens a vector that has a fill pointer in place.

(defun %list-delete (item matcher list start end limit)
  (%list-from list start end)           ; checks START before the cons in front of it is looked for
  (let* ((head (cons nil list))
         (previous (%nthcdr start head))
         (left (%i32 limit)))
    (%do-list (element list start end cell)
      (when (%i32.eqz left) (return))
      (cond ((%matches-p item matcher element)
             (rplacd previous (cdr cell))
             (setq left (%i32.sub left 1)))
            (t (setq previous cell))))
    (cdr head)))

(defun %fill-vector-delete (item matcher vector start end limit)
  (let* ((length (%vector-length vector))
         (data (%array-data vector))
         (offset (%array-offset vector))
         (marks (%array-new bit-vector length 0))
         (removed (%mark-matches item matcher vector start end limit marks)))
    (%copy-unmarked data offset data offset marks)
    (setf (fill-pointer vector) (- length removed))
    vector))

(defun %delete (item matcher sequence start end from-end count)
  (%with-forward-matcher (item matcher limit) (sequence start end from-end count)
    (%sequence-case sequence
      (%list-delete item matcher sequence start end limit)
      (if (array-has-fill-pointer-p sequence)
          (%fill-vector-delete item matcher sequence start end limit)
          (%vector-remove item matcher sequence start end limit)))))

(%define-family (delete delete-if delete-if-not) () (from-end count) %delete)

;;; NSUBSTITUTE, and SUBSTITUTE, which does the same to a copy.

(defun %vector-substitute (new item matcher vector start end limit)
  (let ((data (%array-data vector))
        (offset (%i32 (%array-offset vector)))
        (left (%i32 limit)))
    (%do-vector (element index vector start end)
      (when (%i32.eqz left) (return))
      (when (%matches-p item matcher element)
        (%data-set data (%fixnum (%i32.add offset index)) new)
        (setq left (%i32.sub left 1))))))

(defun %list-substitute (new item matcher list start end limit)
  (let ((left (%i32 limit)))
    (%do-list (element list start end cell)
      (when (%i32.eqz left) (return))
      (when (%matches-p item matcher element)
        (rplaca cell new)
        (setq left (%i32.sub left 1))))))

(defun %nsubstitute (new item matcher sequence start end from-end count)
  (%with-forward-matcher (item matcher limit) (sequence start end from-end count)
    (%sequence-case sequence
      (%list-substitute new item matcher sequence start end limit)
      (%vector-substitute new item matcher sequence start end limit)))
  sequence)

(defun %substitute (new item matcher sequence start end from-end count)
  (%nsubstitute new item matcher (copy-seq sequence) start end from-end count))

(%define-family (nsubstitute nsubstitute-if nsubstitute-if-not) (new) (from-end count) %nsubstitute)
(%define-family (substitute substitute-if substitute-if-not) (new) (from-end count) %substitute)

;;; Duplicates are found among the keys of the elements, kept in a simple vector: all pairs are compared, or where the
;;; test is one that hash tables know and there are many keys, they are entered in a table.

(defun %hash-test (test test-not)
  "The name of the hash table test that TEST stands for, or NIL."
  (cond (test-not nil)
        ((or (null test) (eq test 'eql) (eq test #'eql)) 'eql)
        ((or (eq test 'eq) (eq test #'eq)) 'eq)
        ((or (eq test 'equal) (eq test #'equal)) 'equal)
        ((or (eq test 'equalp) (eq test #'equalp)) 'equalp)
        (t nil)))

(defun %mark-by-table (keys marks from-end table)
  (let* ((n (%array-length simple-vector keys))
         (step (if from-end (%i32 1) (%i32 -1)))
         (limit (if from-end n (%i32 -1))))
    (do ((i (if from-end (%i32 0) (%i32.sub n 1)) (%i32.add i step)))
        ((%i32.eq i limit) marks)
      (let ((key (%array-ref simple-vector keys i)))
        (if (gethash key table)
            (%array-set bit-vector marks i 1)
            (setf (gethash key table) t))))))

(defun %mark-by-pairs (keys marks from-end test)
  (let ((n (%array-length simple-vector keys)))
    (do ((i (%i32 0) (%i32.add i 1)))
        ((%i32.ge_s i n) marks)
      (let ((a (%array-ref simple-vector keys i)))
        (do ((j (%i32.add i 1) (%i32.add j 1)))
            ((%i32.ge_s j n))
          (let ((b (%array-ref simple-vector keys j)))
            (when (%pair-matches-p test a b)
              (if from-end
                  (%array-set bit-vector marks j 1)
                  (progn (%array-set bit-vector marks i 1)
                         (return))))))))))

(defun %duplicates-matcher (sequence start end from-end test test-not key)
  "A matcher for the elements that have a duplicate later, or if FROM-END is true earlier, to be called on each in
order."
  (let* ((keys (%keys-vector sequence start end (%key-function key)))
         (size (%array-length simple-vector keys))
         (marks (%array-new bit-vector size 0))
         (pair-test (%pair-test test test-not))
         (table-test (%hash-test test test-not)))
    (if (and table-test (%i32.gt_s size 24))
        (%mark-by-table keys marks from-end (make-hash-table :test table-test))
        (%mark-by-pairs keys marks from-end pair-test))
    (%marks-matcher marks)))

(defun remove-duplicates (sequence &key from-end test test-not (start 0) end key)
  (%remove nil (%duplicates-matcher sequence start end from-end test test-not key) sequence start end nil nil))

(defun delete-duplicates (sequence &key from-end test test-not (start 0) end key)
  (%delete nil (%duplicates-matcher sequence start end from-end test test-not key) sequence start end nil nil))
