;;;; Searching sequences: FIND, POSITION, COUNT, SEARCH, MISMATCH (CLHS 17.2, 17.3).
;;;;
;;;; The functions of a family (FIND, FIND-IF, FIND-IF-NOT) share one worker. What they look for reaches it as an item
;;;; and a matcher: a function of an element, or NIL if the element is to be EQL to the item.

(in-package :clysm)

(defun %eql-suffices-p (item test sequence)
  "True if the function TEST tells of ITEM and an element of SEQUENCE what EQL does. EQ counts as EQL: where they
differ, the result of EQ is up to the implementation."
  (cond ((or (eq test #'eql) (eq test #'eq)) t)
        ((eq test #'equal) (or (symbolp item) (numberp item) (characterp item)))
        ((eq test #'char=) (and (characterp item) (stringp sequence)))
        (t nil)))

(defun %item-matcher (item test test-not key sequence)
  "The matcher for the elements of SEQUENCE that satisfy the two-argument test of the standard with ITEM."
  (let ((test (%element-test test test-not))
        (key (%key-function key)))
    (cond (key (lambda (element) (%funcall test item (%funcall key element))))
          ((%eql-suffices-p item test sequence) nil)
          (t (lambda (element) (%funcall test item element))))))

(defun %predicate-matcher (predicate key)
  "The matcher for the elements whose key satisfies PREDICATE."
  (let ((predicate (%callable predicate))
        (key (%key-function key)))
    (if key
        (lambda (element) (%funcall predicate (%funcall key element)))
        predicate)))

(defun %negated-matcher (predicate key)
  "The matcher for the elements whose key does not satisfy PREDICATE."
  (let ((predicate (%callable predicate))
        (key (%key-function key)))
    (lambda (element) (not (%funcall predicate (%keyed key element))))))

(defmacro %matches-p (item matcher element)
  `(if ,matcher
       (%funcall ,matcher ,element)
       (eql ,item ,element)))

(defmacro %define-family ((by-item by-predicate by-negation) (&rest leading) (&rest options) worker)
  "Defines the three functions of a family, with LEADING required parameters and the OPTIONS, keyword parameters,
besides :START, :END and :KEY. Each calls (WORKER leading... item matcher sequence start end options...)."
  (let ((keywords `((start 0) end key ,@options)))
    (flet ((definition (name subject more-keywords item matcher)
             `(defun ,name (,@leading ,subject sequence &key ,@keywords ,@more-keywords)
                (,worker ,@leading ,item ,matcher sequence start end ,@options))))
      `(progn
         ,(definition by-item 'item '(test test-not) 'item '(%item-matcher item test test-not key sequence))
         ,(definition by-predicate 'predicate '() 'nil '(%predicate-matcher predicate key))
         ,(definition by-negation 'predicate '() 'nil '(%negated-matcher predicate key))))))

;;; POSITION. A search of a list from the end goes through a vector, so that tests are called on the last elements
;;; first.

(defun %list-position (item matcher list start end)
  (let ((index (%i32 0)))
    (%do-list (element list start end)
      (when (%matches-p item matcher element)
        (return-from %list-position (+ start (%fixnum index))))
      (setq index (%i32.add index 1)))))

(defun %list-last-position (item matcher list start end)
  (let ((position (%vector-position item matcher (%list-data list start end) 0 nil t)))
    (and position (+ start position))))

(defun %string-position (character string start end from-end)
  "The index of CHARACTER among the elements of the data vector STRING from START below END, or NIL."
  (let ((code (%get character code character)))
    (if from-end
        (do ((i (%i32.sub end 1) (%i32.sub i 1))
             (low (%i32 start)))
            ((%i32.lt_s i low) nil)
          (when (%i32.eq (%array-ref string string i) code) (return (%fixnum i))))
        (do ((i (%i32 start) (%i32.add i 1))
             (high (%i32 end)))
            ((%i32.ge_s i high) nil)
          (when (%i32.eq (%array-ref string string i) code) (return (%fixnum i)))))))

(defun %character-position (character vector start end from-end)
  "The index of CHARACTER in VECTOR, whose elements are characters, or NIL."
  (%with-vector-data (data offset from below) (vector start end)
    (let ((found (%string-position character data (%fixnum (%i32.add offset from)) (%fixnum (%i32.add offset below))
                                   from-end)))
      (and found (%fixnum (%i32.sub found offset))))))

(defun %vector-position (item matcher vector start end from-end)
  (if (and (null matcher) (characterp item) (%is string (%array-data vector)))
      (%character-position item vector start end from-end)
      (%do-vector (element index vector start end from-end)
        (when (%matches-p item matcher element)
          (return (%fixnum index))))))

(defun %position (item matcher sequence start end from-end)
  (%sequence-case sequence
    (if from-end
        (%list-last-position item matcher sequence start end)
        (%list-position item matcher sequence start end))
    (%vector-position item matcher sequence start end from-end)))

(%define-family (position position-if position-if-not) () (from-end) %position)

;;; FIND.

(defun %vector-find (item matcher vector start end from-end)
  (let ((position (%vector-position item matcher vector start end from-end)))
    (and position (row-major-aref vector position))))

(defun %find (item matcher sequence start end from-end)
  (%sequence-case sequence
    (if from-end
        (%vector-find item matcher (%list-data sequence start end) 0 nil t)
        (%do-list (element sequence start end)
          (when (%matches-p item matcher element)
            (return element))))
    (%vector-find item matcher sequence start end from-end)))

(%define-family (find find-if find-if-not) () (from-end) %find)

;;; COUNT.

(defun %list-count-matches (item matcher list start end)
  (let ((count (%i32 0)))
    (%do-list (element list start end)
      (when (%matches-p item matcher element)
        (setq count (%i32.add count 1))))
    (%fixnum count)))

(defun %vector-count-matches (item matcher vector start end from-end)
  (let ((count (%i32 0)))
    (%do-vector (element index vector start end from-end)
      (when (%matches-p item matcher element)
        (setq count (%i32.add count 1))))
    (%fixnum count)))

(defun %count (item matcher sequence start end from-end)
  (%sequence-case sequence
    (if from-end
        (%vector-count-matches item matcher (%list-data sequence start end) 0 nil t)
        (%list-count-matches item matcher sequence start end))
    (%vector-count-matches item matcher sequence start end from-end)))

(%define-family (count count-if count-if-not) () (from-end) %count)

;;; SEARCH and MISMATCH compare two sequences with a pair test: a function of two keys, or NIL for EQL.

(defun %pair-test (test test-not)
  (let ((test (%element-test test test-not)))
    (if (eq test #'eql) nil test)))

(defmacro %pair-matches-p (test a b)
  `(if ,test
       (%funcall ,test ,a ,b)
       (eql ,a ,b)))

(defmacro %with-cursor ((cell data index count) (sequence start end) &body body)
  "Binds the raw variable COUNT to the number of elements of SEQUENCE from START below END (or NIL), and what leads to
the first of them: CELL to its cons if SEQUENCE is a list, else DATA and the raw variable INDEX to its data vector and
place."
  (let ((object (gensym)) (from (gensym)))
    `(let* ((,object ,sequence)
            (,from ,start)
            (,count (%i32 (- (%check-bounds ,from ,end (length ,object)) ,from)))
            (,cell (if (listp ,object) (%nthcdr ,from ,object) nil))
            (,data (if (listp ,object) nil (%array-data ,object)))
            (,index (%i32 (if (listp ,object) 0 (+ (%array-offset ,object) ,from)))))
       (declare (ignorable ,cell ,data ,index ,count))
       ,@body)))

(defmacro %cursor-element (cell data index)
  "The element that a cursor stands at."
  `(if ,data (%data-ref ,data (%fixnum ,index)) (car ,cell)))

(defun %mismatch-forward (sequence1 sequence2 start1 end1 start2 end2 test key)
  (%with-cursor (cell1 data1 index1 count1) (sequence1 start1 end1)
    (%with-cursor (cell2 data2 index2 count2) (sequence2 start2 end2)
      (do ((position (%i32 start1) (%i32.add position 1))
           (left1 count1 (%i32.sub left1 1))
           (left2 count2 (%i32.sub left2 1)))
          ((or (%i32.eqz left1) (%i32.eqz left2))
           (if (%i32.eq left1 left2) nil (%fixnum position)))
        (let ((a (%keyed key (%cursor-element cell1 data1 index1)))
              (b (%keyed key (%cursor-element cell2 data2 index2))))
          (unless (%pair-matches-p test a b)
            (return (%fixnum position))))
        (setq cell1 (cdr cell1)
              cell2 (cdr cell2)
              index1 (%i32.add index1 1)
              index2 (%i32.add index2 1))))))

(defun %mismatch-backward (vector1 vector2 start1 end1 start2 end2 test key)
  "The number of elements of VECTOR1 up to the last one that differs from its opposite in VECTOR2, or NIL."
  (%with-vector-data (data1 offset1 from1 below1) (vector1 start1 end1)
    (%with-vector-data (data2 offset2 from2 below2) (vector2 start2 end2)
      (do ()
          ((or (%i32.eq from1 below1) (%i32.eq from2 below2))
           (if (and (%i32.eq from1 below1) (%i32.eq from2 below2)) nil (%fixnum below1)))
        (let ((a (%keyed key (%data-ref data1 (%fixnum (%i32.sub (%i32.add offset1 below1) 1)))))
              (b (%keyed key (%data-ref data2 (%fixnum (%i32.sub (%i32.add offset2 below2) 1))))))
          (unless (%pair-matches-p test a b)
            (return (%fixnum below1))))
        (setq below1 (%i32.sub below1 1)
              below2 (%i32.sub below2 1))))))

(defun %as-vector (sequence)
  (if (listp sequence) (%list-data sequence 0 nil) sequence))

(defun mismatch (sequence1 sequence2 &key from-end test test-not key (start1 0) end1 (start2 0) end2)
  (let ((test (%pair-test test test-not))
        (key (%key-function key)))
    (if from-end
        (%mismatch-backward (%as-vector sequence1) (%as-vector sequence2) start1 end1 start2 end2 test key)
        (%mismatch-forward sequence1 sequence2 start1 end1 start2 end2 test key))))

;;; SEARCH works on vectors. Lists are copied to vectors; where there is a key, so are the keys of vectors.

(defun %string-regions-equal-p (string1 start1 string2 start2 count)
  (do ((i (%i32 start1) (%i32.add i 1))
       (j (%i32 start2) (%i32.add j 1))
       (left (%i32 count) (%i32.sub left 1)))
      ((%i32.eqz left) t)
    (unless (%i32.eq (%array-ref string string1 i) (%array-ref string string2 j))
      (return nil))))

(defun %regions-match-p (data1 start1 data2 start2 count test)
  "True if COUNT elements of the data vectors match from START1 and START2."
  (if (and (null test) (%is string data1) (%is string data2))
      (%string-regions-equal-p data1 start1 data2 start2 count)
      (do ((i (%i32 start1) (%i32.add i 1))
           (j (%i32 start2) (%i32.add j 1))
           (left (%i32 count) (%i32.sub left 1)))
          ((%i32.eqz left) t)
        (let ((a (%data-ref data1 (%fixnum i)))
              (b (%data-ref data2 (%fixnum j))))
          (unless (%pair-matches-p test a b)
            (return nil))))))

(defun %search-vectors (vector1 vector2 start1 end1 start2 end2 from-end test)
  (%with-vector-data (data1 offset1 from1 below1) (vector1 start1 end1)
    (%with-vector-data (data2 offset2 from2 below2) (vector2 start2 end2)
      (let* ((count (%i32.sub below1 from1))
             (pattern (%fixnum (%i32.add offset1 from1)))
             (last (%i32.sub below2 count))
             (step (if from-end (%i32 -1) (%i32 1)))
             (position (if from-end last from2)))
        (do ()
            ((or (%i32.lt_s position from2) (%i32.gt_s position last)) nil)
          (when (%regions-match-p data1 pattern data2 (%fixnum (%i32.add offset2 position)) (%fixnum count) test)
            (return (%fixnum position)))
          (setq position (%i32.add position step)))))))

(defun %keys-vector (sequence start end key)
  "A fresh simple vector of the keys of the elements of SEQUENCE from START below END (or NIL)."
  (let ((data (if (listp sequence)
                  (%list-data sequence start end)
                  (%with-vector-data (source offset from below) (sequence start end)
                    (let ((count (%fixnum (%i32.sub below from))))
                      (%data-copy (%array-new simple-vector count 0) 0
                                  source (%fixnum (%i32.add offset from)) count))))))
    (when key
      (do ((i (%i32 0) (%i32.add i 1))
           (n (%array-length simple-vector data)))
          ((%i32.ge_s i n))
        (%array-set simple-vector data i (%funcall key (%array-ref simple-vector data i)))))
    data))

(defun search (sequence1 sequence2 &key from-end test test-not key (start1 0) end1 (start2 0) end2)
  (let ((test (%pair-test test test-not))
        (key (%key-function key)))
    (if (and (null key) (vectorp sequence1) (vectorp sequence2))
        (%search-vectors sequence1 sequence2 start1 end1 start2 end2 from-end test)
        (let ((position (%search-vectors (%keys-vector sequence1 start1 end1 key)
                                         (%keys-vector sequence2 start2 end2 key)
                                         0 nil 0 nil from-end test)))
          (and position (+ start2 position))))))
