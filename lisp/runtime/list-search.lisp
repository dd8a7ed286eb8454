;;;; Searching lists: members, associations, lists as sets (CLHS 14.2.31-14.2.49).
;;;;
;;;; The default test has loops of its own, one by identity and one by EQL; everything else calls a function of two arguments
;;;; that %ELEMENT-TEST makes of :TEST and :TEST-NOT.

(in-package :clysm)

;;; The test and key arguments.

(defun %element-test (test test-not)
  "The predicate of two arguments that the arguments :TEST and :TEST-NOT of a search ask for."
  (cond ((null test-not)
         (if (null test) #'eql (%callable test)))
        (test (%error "Both :TEST ~S and :TEST-NOT ~S were given" test test-not))
        (t (let ((f (%callable test-not)))
             (lambda (a b) (not (%funcall f a b)))))))

(defun %element-key (key)
  "The function that the argument :KEY of a search stands for, or NIL for the element itself."
  (if (null key) nil (%callable key)))

(defun %plain-test-p (test test-not key)
  "True when a search with these arguments compares elements themselves by EQL. EQ counts as EQL: where they differ, the result
of EQ is up to the implementation."
  (and (null key) (null test-not)
       (or (null test)
           (eq test #'eql) (eq test 'eql)
           (eq test #'eq) (eq test 'eq))))

(declaim (inline %identity-p))
(defun %identity-p (object)
  "True when EQL to OBJECT means EQ to it."
  (or (%fixnump object) (%is symbol object) (%is cons object) (%is string object) (%is instance object)))

(defmacro %keyed (key object)
  "OBJECT seen through the function KEY, if that is not NIL."
  `(if ,key (%funcall ,key ,object) ,object))

;;; Members (CLHS 14.2.30, MEMBER).

(defun %member-eql (item list)
  (if (%identity-p item)
      (%do-tails (tail list nil)
        (when (eq item (%get cons car tail))
          (return tail)))
      (%do-tails (tail list nil)
        (when (eql item (%get cons car tail))
          (return tail)))))

(defun %member-testing (item list test key)
  (%do-tails (tail list nil)
    (when (%funcall test item (%keyed key (%get cons car tail)))
      (return tail))))

(defun member (item list &key key test test-not)
  (if (%plain-test-p test test-not key)
      (%member-eql item list)
      (%member-testing item list (%element-test test test-not) (%element-key key))))

(defun member-if (predicate list &key key)
  (let ((predicate (%callable predicate)) (key (%element-key key)))
    (%do-tails (tail list nil)
      (when (%funcall predicate (%keyed key (%get cons car tail)))
        (return tail)))))

(defun member-if-not (predicate list &key key)
  (let ((predicate (%callable predicate)) (key (%element-key key)))
    (%do-tails (tail list nil)
      (unless (%funcall predicate (%keyed key (%get cons car tail)))
        (return tail)))))

(defun adjoin (item list &key key test test-not)
  (if (if (%plain-test-p test test-not key)
          (%member-eql item list)
          (let ((test (%element-test test test-not)) (key (%element-key key)))
            (%member-testing (%keyed key item) list test key)))
      list
      (cons item list)))

;;; Associations (CLHS 14.2.34 ASSOC, 14.2.38 RASSOC).

(defmacro %do-pairs ((pair alist) &body body)
  "Runs BODY with PAIR bound to each cons that is an element of ALIST; elements that are NIL are passed over. Returns NIL."
  (let ((tail (gensym)))
    `(%do-tails (,tail ,alist nil)
       (let ((,pair (%get cons car ,tail)))
         (cond ((%is cons ,pair) ,@body)
               ((not (null ,pair)) (%type-error ,pair 'list)))))))

(defmacro %define-association-search (name if-name if-not-name testing-name accessor)
  "Defines ASSOC or RASSOC and its two relatives: ACCESSOR reads the part of the pair that is compared."
  `(progn
     (defun ,testing-name (item alist test key)
       (%do-pairs (pair alist)
         (when (%funcall test item (%keyed key (,accessor pair)))
           (return pair))))
     (defun ,name (item alist &key key test test-not)
       (cond ((not (%plain-test-p test test-not key))
              (,testing-name item alist (%element-test test test-not) (%element-key key)))
             ((%identity-p item)
              (%do-pairs (pair alist)
                (when (eq item (,accessor pair))
                  (return pair))))
             (t (%do-pairs (pair alist)
                  (when (eql item (,accessor pair))
                    (return pair))))))
     (defun ,if-name (predicate alist &key key)
       (let ((predicate (%callable predicate)) (key (%element-key key)))
         (%do-pairs (pair alist)
           (when (%funcall predicate (%keyed key (,accessor pair)))
             (return pair)))))
     (defun ,if-not-name (predicate alist &key key)
       (let ((predicate (%callable predicate)) (key (%element-key key)))
         (%do-pairs (pair alist)
           (unless (%funcall predicate (%keyed key (,accessor pair)))
             (return pair)))))))

(%define-association-search assoc assoc-if assoc-if-not %assoc-testing car)
(%define-association-search rassoc rassoc-if rassoc-if-not %rassoc-testing cdr)

;;; Lists as sets (CLHS 14.2.41-14.2.49).

(defun %hashed-test (test test-not)
  "The name of the hash table test that :TEST and :TEST-NOT amount to, or NIL."
  (cond (test-not nil)
        ((or (null test) (eq test #'eql) (eq test 'eql) (eq test #'eq) (eq test 'eq)) 'eql)
        ((or (eq test #'equal) (eq test 'equal)) 'equal)
        ((or (eq test #'equalp) (eq test 'equalp)) 'equalp)
        (t nil)))

(defun %longer-p (list n)
  "True when LIST has more than N elements."
  (do ((tail list (cdr tail)) (i 0 (+ i 1)))
      ((atom tail) nil)
    (when (>= i n)
      (return t))))

;;; Two lists that are both longer than this are matched through a hash table, where their test has one.
(defconstant %set-hashing-length 16)

(defun %table-of-keys (list test key)
  "A hash table with the test TEST of the elements of LIST seen through KEY."
  (let ((table (make-hash-table :test test)))
    (%do-tails (tail list table)
      (setf (gethash (%keyed key (%get cons car tail)) table) t))))

(defun %membership (list other test test-not key reversed)
  "A function of one argument, an element of the list OTHER seen through KEY: true when LIST has an element that matches it.
The element of OTHER is the first argument of the test, the second when REVERSED."
  (let ((hashed (%hashed-test test test-not))
        (key (%element-key key)))
    (cond ((and hashed (%longer-p list %set-hashing-length) (%longer-p other %set-hashing-length))
           (let ((table (%table-of-keys list hashed key)))
             (lambda (item) (nth-value 1 (gethash item table)))))
          ((%plain-test-p test test-not key)
           (lambda (item) (%member-eql item list)))
          (t (let ((test (%element-test test test-not)))
               (if reversed
                   (lambda (item)
                     (%do-tails (tail list nil)
                       (when (%funcall test (%keyed key (%get cons car tail)) item)
                         (return tail))))
                   (lambda (item) (%member-testing item list test key))))))))

(defun %collect-members (list membership wanted key result)
  "The elements of LIST for which MEMBERSHIP is true, or false unless WANTED, pushed on RESULT."
  (let ((key (%element-key key)))
    (%do-tails (tail list result)
      (let ((element (%get cons car tail)))
        (when (eq wanted (if (%funcall membership (%keyed key element)) t nil))
          (setq result (cons element result)))))))

(defun %check-proper-list (list)
  (%do-tails (tail list list)))

(defun union (list-1 list-2 &key key test test-not)
  (%check-proper-list list-2)
  (%collect-members list-1 (%membership list-2 list-1 test test-not key nil) nil key list-2))

(defun intersection (list-1 list-2 &key key test test-not)
  (%check-proper-list list-2)
  (%collect-members list-1 (%membership list-2 list-1 test test-not key nil) t key nil))

(defun set-difference (list-1 list-2 &key key test test-not)
  (%check-proper-list list-2)
  (%collect-members list-1 (%membership list-2 list-1 test test-not key nil) nil key nil))

(defun set-exclusive-or (list-1 list-2 &key key test test-not)
  (%check-proper-list list-2)
  (%collect-members list-2 (%membership list-1 list-2 test test-not key t) nil key
                    (%collect-members list-1 (%membership list-2 list-1 test test-not key nil) nil key nil)))

(defun subsetp (list-1 list-2 &key key test test-not)
  (%check-proper-list list-2)
  (let ((membership (%membership list-2 list-1 test test-not key nil))
        (key (%element-key key)))
    (%do-tails (tail list-1 t)
      (unless (%funcall membership (%keyed key (%get cons car tail)))
        (return nil)))))

;;; The destructive versions keep to the rule that they may, and need not, reuse conses.

(defun nunion (list-1 list-2 &key key test test-not)
  (union list-1 list-2 :key key :test test :test-not test-not))

(defun nintersection (list-1 list-2 &key key test test-not)
  (intersection list-1 list-2 :key key :test test :test-not test-not))

(defun nset-difference (list-1 list-2 &key key test test-not)
  (set-difference list-1 list-2 :key key :test test :test-not test-not))

(defun nset-exclusive-or (list-1 list-2 &key key test test-not)
  (set-exclusive-or list-1 list-2 :key key :test test :test-not test-not))
