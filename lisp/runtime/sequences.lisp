;;;; Sequences: access, copying, mapping, reduction (CLHS 17.2, 17.3). Searching is in sequences-search.lisp, removal
;;;; and substitution in sequences-remove.lisp, sorting in sort.lisp.

(in-package :clysm)

(defmacro %add-cell (end value)
  "Appends VALUE to the list whose last cons is in the variable END, which is set to the new last cons."
  (let ((cell (gensym)))
    `(let ((,cell (cons ,value nil)))
       (rplacd ,end ,cell)
       (setq ,end ,cell))))

;;; Elements.

(defun length (sequence)
  (%sequence-case sequence (%list-length sequence) (%vector-length sequence)))

(defun %list-cell (list index)
  "The cons of element INDEX of LIST. TYPE-ERROR if there is none."
  (unless (and (%fixnump index) (%i32.ge_s (%i32 index) 0))
    (%bad-index index (%list-length list)))
  (do ((tail list (cdr tail))
       (left (%i32 index) (%i32.sub left 1)))
      ((not (%list-more-p tail)) (%bad-index index (%list-length list)))
    (when (%i32.eqz left) (return tail))))

(defun %check-active-index (vector index)
  "Signals a TYPE-ERROR if VECTOR has a fill pointer that is not beyond INDEX."
  (when (%is array vector)
    (let ((length (%header-length vector)))
      (unless (%index-below-p index (%i32 length))
        (%bad-index index length)))))

(defun elt (sequence index)
  (%sequence-case sequence
    (car (%list-cell sequence index))
    (progn (%check-active-index sequence index)
           (row-major-aref sequence index))))

(defun (setf elt) (new sequence index)
  (%sequence-case sequence
    (rplaca (%list-cell sequence index) new)
    (progn (%check-active-index sequence index)
           (setf (row-major-aref sequence index) new)))
  new)

;;; Making and copying.

(defun make-sequence (result-type size &key (initial-element nil element-p))
  (%check-dimension size)
  (let ((representation (%result-representation result-type size)))
    (cond ((eq representation 'list) (make-list size :initial-element initial-element))
          (element-p (%make-filled-data representation size initial-element))
          (t (%make-data representation size)))))

(defun %sublist (list start end)
  "A fresh list of the elements of LIST from START below END (or NIL)."
  (let* ((head (cons nil nil)) (last head))
    (%do-list (element list start end)
      (%add-cell last element))
    (cdr head)))

(defun subseq (sequence start &optional end)
  (%sequence-case sequence
    (%sublist sequence start end)
    (%with-vector-data (data offset from below) (sequence start end)
      (%subdata data (%fixnum (%i32.add offset from)) (%fixnum (%i32.add offset below))))))

(defun (setf subseq) (new sequence start &optional end)
  (replace sequence new :start1 start :end1 end)
  new)

(defun copy-seq (sequence)
  (subseq sequence 0))

(defun fill (sequence item &key (start 0) end)
  (%sequence-case sequence
    (%do-list (element sequence start end cell)
      (rplaca cell item))
    (%with-vector-data (data offset from below) (sequence start end)
      (%data-fill data (%fixnum (%i32.add offset from)) (%fixnum (%i32.add offset below)) item)))
  sequence)

;;; REPLACE. A region of one vector is moved as a whole; a list given as both arguments is copied first.

(defun %replace-list-from-list (target source start1 end1 start2 end2)
  (let ((rest (if (eq target source)
                  (%sublist source start2 end2)
                  (%list-from source start2 end2)))
        (left (%i32 (%list-count start2 end2))))
    (%do-list (element target start1 end1 cell)
      (when (or (%i32.eqz left) (not (%list-more-p rest)))
        (return))
      (rplaca cell (car rest))
      (setq rest (cdr rest)
            left (%i32.sub left 1)))))

(defun %replace-list-from-vector (target source start1 end1 start2 end2)
  (%with-vector-data (data offset from below) (source start2 end2)
    (%do-list (element target start1 end1 cell)
      (when (%i32.ge_s from below)
        (return))
      (rplaca cell (%data-ref data (%fixnum (%i32.add offset from))))
      (setq from (%i32.add from 1)))))

(defun %replace-vector-from-list (target source start1 end1 start2 end2)
  (%with-vector-data (data offset from below) (target start1 end1)
    (%do-list (element source start2 end2)
      (when (%i32.ge_s from below)
        (return))
      (%data-set data (%fixnum (%i32.add offset from)) element)
      (setq from (%i32.add from 1)))))

(defun %replace-vector-from-vector (target source start1 end1 start2 end2)
  (%with-vector-data (data1 offset1 from1 below1) (target start1 end1)
    (%with-vector-data (data2 offset2 from2 below2) (source start2 end2)
      (let ((room (%i32.sub below1 from1))
            (count (%i32.sub below2 from2)))
        (when (%i32.lt_s room count)
          (setq count room))
        (%data-copy data1 (%fixnum (%i32.add offset1 from1))
                    data2 (%fixnum (%i32.add offset2 from2))
                    (%fixnum count))))))

(defun replace (sequence1 sequence2 &key (start1 0) end1 (start2 0) end2)
  (%sequence-case sequence1
    (%sequence-case sequence2
      (%replace-list-from-list sequence1 sequence2 start1 end1 start2 end2)
      (%replace-list-from-vector sequence1 sequence2 start1 end1 start2 end2))
    (%sequence-case sequence2
      (%replace-vector-from-list sequence1 sequence2 start1 end1 start2 end2)
      (%replace-vector-from-vector sequence1 sequence2 start1 end1 start2 end2)))
  sequence1)

(defun %reverse-data (data start end)
  "Reverses in place the elements of DATA from START below END. Returns DATA."
  (%data-case (data)
    (do ((low (%i32 start) (%i32.add low 1))
         (high (%i32.sub end 1) (%i32.sub high 1)))
        ((%i32.ge_s low high))
      (let ((element (%array-ref %kind data low)))
        (%array-set %kind data low (%array-ref %kind data high))
        (%array-set %kind data high element))))
  data)

(defun reverse (sequence)
  (%sequence-case sequence
    (%reverse-list sequence)
    (let ((data (subseq sequence 0)))
      (%reverse-data data 0 (%data-length data)))))

(defun nreverse (sequence)
  (%sequence-case sequence
    (%nreverse-list sequence)
    (%with-vector-data (data offset from below) (sequence 0 nil)
      (%reverse-data data (%fixnum offset) (%fixnum (%i32.add offset below)))
      sequence)))

;;; Concatenation.

(defun %copy-into (data position sequence)
  "Stores the elements of SEQUENCE in DATA from POSITION. Returns the position behind them."
  (%sequence-case sequence
    (let ((to (%i32 position)))
      (%do-list (element sequence 0 nil)
        (%data-set data (%fixnum to) element)
        (setq to (%i32.add to 1)))
      (%fixnum to))
    (%with-vector-data (source offset from below) (sequence 0 nil)
      (%data-copy data position source (%fixnum offset) (%fixnum below))
      (%fixnum (%i32.add position below)))))

(defun %concatenate-lists (sequences)
  (let* ((head (cons nil nil)) (last head))
    (dolist (sequence sequences (cdr head))
      (%do-sequence (element sequence)
        (%add-cell last element)))))

(defun %total-length (sequences)
  (let ((total 0))
    (dolist (sequence sequences total)
      (setq total (+ total (length sequence))))))

(defun concatenate (result-type &rest sequences)
  (if (eq result-type 'list)
      (%concatenate-lists sequences)
      (let* ((length (%total-length sequences))
             (representation (%result-representation result-type length)))
        (if (eq representation 'list)
            (%concatenate-lists sequences)
            (let ((data (%make-data representation length))
                  (position 0))
              (dolist (sequence sequences data)
                (setq position (%copy-into data position sequence))))))))

;;; Mapping. One sequence has loops of its own; more go through a vector of cursors.

(defun %shortest-length (sequences)
  (let ((shortest (length (car sequences))))
    (dolist (sequence (cdr sequences) shortest)
      (setq shortest (min shortest (length sequence))))))

(defun %map-calls (function sequences count receiver)
  "Calls FUNCTION on the first COUNT elements of each of SEQUENCES and RECEIVER on each of the values."
  (let* ((cursors (apply #'vector sequences))
         (n (%array-length simple-vector cursors))
         (arguments (%array-new simple-vector n nil)))
    (dotimes (i count)
      (do ((k (%i32 0) (%i32.add k 1)))
          ((%i32.ge_s k n))
        (let ((cursor (%array-ref simple-vector cursors k)))
          (cond ((listp cursor)
                 (%array-set simple-vector arguments k (car cursor))
                 (%array-set simple-vector cursors k (cdr cursor)))
                (t (%array-set simple-vector arguments k (row-major-aref cursor i))))))
      (%funcall receiver (%apply-vector function arguments)))))

(defun %map-many-to-list (function sequences)
  (let* ((head (cons nil nil)) (last head))
    (%map-calls function sequences (%shortest-length sequences)
                (lambda (value) (%add-cell last value)))
    (cdr head)))

(defun %map-to-list (function sequence)
  (let* ((head (cons nil nil)) (last head))
    (%do-sequence (element sequence)
      (%add-cell last (%funcall function element)))
    (cdr head)))

(defun %map-to-data (function sequences data start count)
  "Stores the values of FUNCTION on the first COUNT elements of SEQUENCES in DATA from START."
  (if (and sequences (null (cdr sequences)))
      (let ((to (%i32 start)))
        (%do-sequence (element (car sequences) 0 count)
          (%data-set data (%fixnum to) (%funcall function element))
          (setq to (%i32.add to 1))))
      (let ((to start))
        (%map-calls function sequences count
                    (lambda (value)
                      (%data-set data to value)
                      (setq to (1+ to))))))
  data)

(defun %map-for-effect (function sequences)
  (if (cdr sequences)
      (%map-calls function sequences (%shortest-length sequences) #'identity)
      (%do-sequence (element (car sequences))
        (%funcall function element)))
  nil)

(defun map (result-type function first-sequence &rest more-sequences)
  (let ((function (%callable function))
        (sequences (cons first-sequence more-sequences)))
    (flet ((to-list ()
             (if more-sequences
                 (%map-many-to-list function sequences)
                 (%map-to-list function first-sequence))))
      (cond ((null result-type) (%map-for-effect function sequences))
            ((eq result-type 'list) (to-list))
            (t (let* ((count (%shortest-length sequences))
                      (representation (%result-representation result-type count)))
                 (if (eq representation 'list)
                     (to-list)
                     (%map-to-data function sequences (%make-data representation count) 0 count))))))))

(defun %map-into-list (result function sequences count)
  (let ((cell result))
    (%map-calls function sequences count
                (lambda (value)
                  (rplaca cell value)
                  (setq cell (cdr cell))))))

(defun map-into (result-sequence function &rest sequences)
  (let* ((function (%callable function))
         (result result-sequence)
         (room (%sequence-case result (%list-length result) (%array-size result)))
         (count (if sequences (min room (%shortest-length sequences)) room)))
    (cond ((listp result) (%map-into-list result function sequences count))
          (t (%map-to-data function sequences (%array-data result) (%array-offset result) count)
             (when (array-has-fill-pointer-p result)
               (setf (fill-pointer result) count))))
    result))

;;; Reduction. A list to be reduced from the end goes through a vector.

(defun %key-function (key)
  "The function that the argument KEY designates, or NIL for none and for IDENTITY."
  (if (or (null key) (eq key 'identity) (eq key #'identity))
      nil
      (%callable key)))

(defun %list-data (list start end)
  "A fresh simple vector of the elements of LIST from START below END (or NIL)."
  (let* ((count (- (%check-bounds start end (%list-length list)) start))
         (data (%array-new simple-vector count 0))
         (to (%i32 0)))
    (%do-list (element list start end)
      (%array-set simple-vector data to element)
      (setq to (%i32.add to 1)))
    data))

(defun %reduce-forward (function sequence start end key initial)
  "The reduction from the left; INITIAL is the unbound marker if there is no initial value, and so is the value of the
reduction of nothing."
  (let ((value initial))
    (%do-sequence (element sequence start end)
      (let ((element (%keyed key element)))
        (setq value (if (eq value (%unbound))
                        element
                        (%funcall function value element)))))
    value))

(defun %reduce-backward (function vector start end key initial)
  "The reduction of VECTOR from the right, with INITIAL as for %REDUCE-FORWARD."
  (let ((value initial))
    (%do-vector (element index vector start end t)
      (let ((element (%keyed key element)))
        (setq value (if (eq value (%unbound))
                        element
                        (%funcall function element value)))))
    value))

(defun reduce (function sequence &key key from-end (start 0) end (initial-value (%unbound)))
  (let* ((function (%callable function))
         (key (%key-function key))
         (value (cond ((not from-end) (%reduce-forward function sequence start end key initial-value))
                      ((listp sequence)
                       (%reduce-backward function (%list-data sequence start end) 0 nil key initial-value))
                      (t (%reduce-backward function sequence start end key initial-value)))))
    (if (eq value (%unbound))
        (%funcall function)
        value)))
