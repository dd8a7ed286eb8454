;;;; Hash tables (CLHS 18).
;;;;
;;;; A table has two vectors. ENTRIES is a simple-vector of keys and values: the entry at PLACE, an even number >= 2, has its key
;;;; there and its value behind. Entries are added at the end, so a table is traversed in the order in which keys came in; the key
;;;; of a removed entry is the unbound marker. INDEX is an s32-vector:
;;;;   0           number of buckets - 1; the number is a power of two and also the number of entries there is room for
;;;;   1           the place of the next new entry
;;;;   2           number of entries, without removed ones
;;;;   3           the place behind the last entry there is room for
;;;;   4 ...       for each bucket the place of its first entry, or 0
;;;;   then        for each entry the place of the next one in its bucket, or 0, and the hash code of its key

(in-package :clysm)

;;; TEST-CODE: 0 EQ, 1 EQL, 2 EQUAL, 3 EQUALP. EQ tables compare as EQL tables do: where the two differ, EQ may be true or false.
(defstruct (hash-table (:conc-name nil) (:copier nil) (:predicate hash-table-p)
                       (:constructor %make-table (%table-test-code %table-index %table-entries hash-table-test
                                                  hash-table-rehash-size hash-table-rehash-threshold)))
  %table-test-code
  %table-index
  %table-entries
  (hash-table-test nil :read-only t)
  (hash-table-rehash-size nil :read-only t)
  (hash-table-rehash-threshold nil :read-only t))

;;; The same slots of what is known to be a hash table, by their elements in the instance.
(defmacro %index-of (table) `(%array-ref instance ,table 3))
(defmacro %entries-of (table) `(%array-ref instance ,table 4))

(defmacro %index-ref (index i) `(%array-ref s32-vector ,index ,i))
(defmacro %index-set (index i value) `(%array-set s32-vector ,index ,i ,value))
(defmacro %entry-ref (entries place) `(%array-ref simple-vector ,entries ,place))
(defmacro %entry-set (entries place value) `(%array-set simple-vector ,entries ,place ,value))

(defmacro %bucket (index hash)
  "The element of INDEX where the chain for the raw code HASH begins."
  `(%i32.add (%i32.and ,hash (%index-ref ,index 0)) 4))

(defmacro %link (index place)
  "The element of INDEX that says which entry follows the one at PLACE; the code of its key is behind."
  `(%i32.add (%i32.add (%index-ref ,index 0) 3) ,place))

;;; Making tables.

(defconstant %largest-initial-size #x100000)

(defun %make-index (capacity)
  (let ((index (%array-new s32-vector (+ 4 (* 3 capacity)) 0)))
    (%index-set index 0 (- capacity 1))
    (%index-set index 1 2)
    (%index-set index 3 (+ 2 (* 2 capacity)))
    index))

(defun %make-entries (capacity)
  (%array-new simple-vector (+ 2 (* 2 capacity)) nil))

(defun %table-test (designator)
  "The name of the hash table test that DESIGNATOR, a name or a function, stands for, and its code."
  (cond ((or (eq designator 'eql) (eq designator #'eql)) (values 'eql 1))
        ((or (eq designator 'equal) (eq designator #'equal)) (values 'equal 2))
        ((or (eq designator 'eq) (eq designator #'eq)) (values 'eq 0))
        ((or (eq designator 'equalp) (eq designator #'equalp)) (values 'equalp 3))
        (t (%type-error designator '(member eq eql equal equalp)))))

(defun %initial-capacity (size)
  (let ((capacity 8) (wanted (min size %largest-initial-size)))
    (do ()
        ((>= capacity wanted) capacity)
      (setq capacity (* capacity 2)))))

(defun make-hash-table (&key (test 'eql) (size 7) (rehash-size 2.0) (rehash-threshold 1.0))
  (unless (and (integerp size) (>= size 0))
    (%type-error size 'unsigned-byte))
  (unless (or (and (integerp rehash-size) (> rehash-size 0))
              (and (floatp rehash-size) (> rehash-size 1)))
    (%type-error rehash-size '(or (integer 1) (float (1.0)))))
  (unless (and (realp rehash-threshold) (<= 0 rehash-threshold 1))
    (%type-error rehash-threshold '(real 0 1)))
  (multiple-value-bind (name code) (%table-test test)
    (let ((capacity (%initial-capacity size)))
      (%make-table code (%make-index capacity) (%make-entries capacity) name rehash-size rehash-threshold))))

(defun hash-table-count (hash-table)
  (%fixnum (%index-ref (%table-index hash-table) 2)))

(defun hash-table-size (hash-table)
  (+ 1 (%fixnum (%index-ref (%table-index hash-table) 0))))

;;; Finding entries. Each kind of comparison has a loop of its own.

(defmacro %find-in-chain (hash table match)
  "The place of the entry for which MATCH, a form that may use KEY-THERE, INDEX and PLACE, is true in the chain of the raw code
HASH, or 0."
  `(let* ((index (%index-of ,table))
          (entries (%entries-of ,table))
          (place (%index-ref index (%bucket index ,hash))))
     (do ()
         ((%i32.eqz place) 0)
       (let ((key-there (%entry-ref entries place)))
         (when ,match
           (return (%fixnum place))))
       (setq place (%index-ref index (%link index place))))))

(defmacro %same-hash-p (hash)
  "Within %FIND-IN-CHAIN: true if the entry has the raw code HASH."
  `(%i32.eq (%index-ref index (%i32.add (%link index place) 1)) ,hash))

(defun %find-eq (key hash table)
  (let ((h (%i32 hash)))
    (%find-in-chain h table (eq key-there key))))

(defun %find-eql (key hash table)
  (let ((h (%i32 hash)))
    (%find-in-chain h table (eql key-there key))))

(defun %find-string (key hash table)
  (let ((h (%i32 hash)))
    (%find-in-chain h table
      (and (%same-hash-p h)
           (if (%is string key-there)
               (%strings-equal key-there key)
               (equal key-there key))))))

(defun %find-equal (key hash table)
  (let ((h (%i32 hash)))
    (%find-in-chain h table (and (%same-hash-p h) (equal key-there key)))))

(defun %find-equalp (key hash table)
  (let ((h (%i32 hash)))
    (%find-in-chain h table (and (%same-hash-p h) (equalp key-there key)))))

(defmacro %hash-key (key code)
  "The hash code of KEY for the test with the code CODE."
  `(cond ((eq ,code 2) (%equal-hash ,key %hashed-depth))
         ((eq ,code 3) (%equalp-hash ,key %hashed-depth))
         (t (%eql-hash ,key))))

(defun %find-place (key hash code table)
  "The place of the entry for KEY, whose code is HASH, in TABLE, whose test has the code CODE; 0 if there is none."
  (cond ((eq code 3) (%find-equalp key hash table))
        ((%identity-p key)
         (cond ((or (not (eq code 2)) (%fixnump key) (%is symbol key)) (%find-eq key hash table))
               ((%is string key) (%find-string key hash table))
               (t (%find-equal key hash table))))
        ((eq code 2) (%find-equal key hash table))
        (t (%find-eql key hash table))))

(defun gethash (key hash-table &optional default)
  (let* ((code (%table-test-code hash-table))
         (place (%find-place key (%hash-key key code) code hash-table)))
    (if (eq place 0)
        (values default nil)
        (values (%entry-ref (%entries-of hash-table) (%i32.add (%i32 place) 1)) t))))

;;; Adding entries.

(defun %link-entry (index place hash)
  "Puts the entry at PLACE, whose key has the code HASH, in front of its chain."
  (let* ((place (%i32 place)) (hash (%i32 hash)) (link (%link index place)) (bucket (%bucket index hash)))
    (%index-set index link (%index-ref index bucket))
    (%index-set index (%i32.add link 1) hash)
    (%index-set index bucket place)))

(defun %resize (table capacity)
  "Moves the entries of TABLE, in their order, to vectors with room for CAPACITY."
  (let* ((old-index (%index-of table)) (old-entries (%entries-of table))
         (index (%make-index capacity)) (entries (%make-entries capacity))
         (limit (%index-ref old-index 1)) (to (%i32 2)))
    (do ((from (%i32 2) (%i32.add from 2)))
        ((%i32.ge_s from limit))
      (let ((key (%entry-ref old-entries from)))
        (unless (eq key (%unbound))
          (%entry-set entries to key)
          (%entry-set entries (%i32.add to 1) (%entry-ref old-entries (%i32.add from 1)))
          (%link-entry index (%fixnum to) (%fixnum (%index-ref old-index (%i32.add (%link old-index from) 1))))
          (setq to (%i32.add to 2)))))
    (%index-set index 1 to)
    (%index-set index 2 (%index-ref old-index 2))
    (setf (%table-index table) index
          (%table-entries table) entries)))

(defun %make-room (table)
  "Doubles the vectors of TABLE, or only closes the gaps of removed entries where there are many."
  (let ((capacity (hash-table-size table)))
    (%resize table (if (> (* 4 (hash-table-count table)) (* 3 capacity)) (* 2 capacity) capacity))))

(defun %add-entry (key hash value table)
  (when (%i32.eq (%index-ref (%index-of table) 1) (%index-ref (%index-of table) 3))
    (%make-room table))
  (let* ((index (%index-of table)) (entries (%entries-of table)) (place (%index-ref index 1)))
    (%entry-set entries place key)
    (%entry-set entries (%i32.add place 1) value)
    (%link-entry index (%fixnum place) hash)
    (%index-set index 1 (%i32.add place 2))
    (%index-set index 2 (%i32.add (%index-ref index 2) 1))
    value))

(defun %puthash (key hash-table value)
  (let* ((code (%table-test-code hash-table))
         (hash (%hash-key key code))
         (place (%find-place key hash code hash-table)))
    (if (eq place 0)
        (%add-entry key hash value hash-table)
        (%entry-set (%entries-of hash-table) (%i32.add (%i32 place) 1) value))))

(defun (setf gethash) (value key hash-table &optional default)
  (declare (ignore default))
  (%puthash key hash-table value)
  value)

;;; Removing entries.

(defun %unlink-entry (index place hash)
  "Takes the entry at PLACE out of its chain, that of the code HASH."
  (let* ((place (%i32 place)) (hash (%i32 hash)) (next (%index-ref index (%link index place))) (at (%bucket index hash)))
    (do ()
        ((%i32.eq (%index-ref index at) place)
         (%index-set index at next))
      (setq at (%link index (%index-ref index at))))))

(defun remhash (key hash-table)
  (let* ((code (%table-test-code hash-table))
         (hash (%hash-key key code))
         (found (%find-place key hash code hash-table)))
    (if (eq found 0)
        nil
        (let ((index (%index-of hash-table)) (entries (%entries-of hash-table)) (place (%i32 found)))
          (%unlink-entry index found hash)
          (%entry-set entries place (%unbound))
          (%entry-set entries (%i32.add place 1) nil)
          (%index-set index 2 (%i32.sub (%index-ref index 2) 1))
          ;; The last entry gives its room back at once, which is all that a table used as a stack needs.
          (when (%i32.eq (%i32.add place 2) (%index-ref index 1))
            (%index-set index 1 place))
          t))))

(defun clrhash (hash-table)
  (let ((capacity (hash-table-size hash-table)))
    (setf (%table-index hash-table) (%make-index capacity)
          (%table-entries hash-table) (%make-entries capacity))
    hash-table))

;;; Traversal (CLHS MAPHASH, WITH-HASH-TABLE-ITERATOR). Vectors are looked up anew at each step: the entry at hand may be removed
;;; or changed.

(defun %next-place (table place)
  "The first place from PLACE on that has an entry of TABLE, or 0."
  (let ((limit (%index-ref (%index-of table) 1)) (entries (%entries-of table)))
    (do ((p (%i32 place) (%i32.add p 2)))
        ((%i32.ge_s p limit) 0)
      (unless (eq (%entry-ref entries p) (%unbound))
        (return (%fixnum p))))))

(defun maphash (function hash-table)
  (unless (hash-table-p hash-table)
    (%type-error hash-table 'hash-table))
  (let ((f (%callable function)))
    (do ((place (%next-place hash-table 2) (%next-place hash-table (+ place 2))))
        ((eq place 0) nil)
      (let ((entries (%entries-of hash-table)))
        (%funcall f (%entry-ref entries (%i32 place)) (%entry-ref entries (%i32.add (%i32 place) 1)))))))

(defun %table-iterator (hash-table)
  "A state for %NEXT-ENTRY, before the first entry of HASH-TABLE."
  (unless (hash-table-p hash-table)
    (%type-error hash-table 'hash-table))
  (cons hash-table 0))

(defun %next-entry (iterator)
  "Moves ITERATOR on. Returns true, the key and the value of the entry reached, or NIL after the last."
  (let* ((table (car iterator)) (place (%next-place table (+ (cdr iterator) 2))))
    (cond ((eq place 0)
           (rplacd iterator (%fixnum (%index-ref (%index-of table) 1)))
           nil)
          (t (rplacd iterator place)
             (let ((entries (%entries-of table)))
               (values t (%entry-ref entries (%i32 place)) (%entry-ref entries (%i32.add (%i32 place) 1))))))))

(defmacro with-hash-table-iterator ((name hash-table) &body body)
  (let ((iterator (gensym)))
    `(let ((,iterator (%table-iterator ,hash-table)))
       (macrolet ((,name () '(%next-entry ,iterator)))
         ,@body))))
