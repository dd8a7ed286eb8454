;;;; Trees of conses: copying, comparing, substituting (CLHS 14.2.14-14.2.16, TREE-EQUAL, COPY-TREE, SUBST, SUBLIS).
;;;;
;;;; All of them recurse on cars and loop along cdrs, so that the length of a list is no limit.

(in-package :clysm)

(defun copy-tree (tree)
  (if (not (%is cons tree))
      tree
      (let* ((head (cons (copy-tree (%get cons car tree)) nil)) (end head))
        (do ((tail (%get cons cdr tree) (%get cons cdr tail)))
            ((not (%is cons tail))
             (%set cons cdr end tail)
             head)
          (let ((cell (cons (copy-tree (%get cons car tail)) nil)))
            (%set cons cdr end cell)
            (setq end cell))))))

(defun %tree-equal (a b test)
  (do ()
      ((or (not (%is cons a)) (not (%is cons b)))
       (and (not (%is cons a)) (not (%is cons b))
            (%funcall test a b)
            t))
    (unless (%tree-equal (%get cons car a) (%get cons car b) test)
      (return nil))
    (setq a (%get cons cdr a)
          b (%get cons cdr b))))

(defun tree-equal (tree-1 tree-2 &key test test-not)
  (%tree-equal tree-1 tree-2 (%element-test test test-not)))

;;; Substitution. REPLACE is a function of a subtree that returns what stands for it, or the unbound marker to look inside.

(defun %replace-tree (tree replace)
  "TREE with its subtrees replaced; shares what it can with TREE."
  (let ((replacement (%funcall replace tree)))
    (cond ((not (eq replacement (%unbound))) replacement)
          ((%is cons tree) (%replace-spine tree replace))
          (t tree))))

(defmacro %copy-spine-until (limit)
  "Copies the conses from SHARED to LIMIT behind END, the last cons of the copy; a part of %REPLACE-SPINE."
  `(do () ((eq shared ,limit))
     (let ((cell (cons (%get cons car shared) nil)))
       (%set cons cdr end cell)
       (setq end cell
             shared (%get cons cdr shared)))))

(defun %replace-spine (tree replace)
  "TREE, a cons that is not itself replaced, with its subtrees replaced. SHARED is where the part not copied yet begins."
  (let* ((head (cons nil nil)) (end head) (shared tree) (tail tree))
    (do () (nil)
      (let* ((old (%get cons car tail))
             (new (%replace-tree old replace))
             (rest (%get cons cdr tail))
             (replacement (%funcall replace rest)))
        (unless (eq old new)
          (%copy-spine-until tail)
          (let ((cell (cons new nil)))
            (%set cons cdr end cell)
            (setq end cell
                  shared rest)))
        (cond ((not (eq replacement (%unbound)))
               (unless (eq replacement rest)
                 (%copy-spine-until rest)
                 (setq shared replacement))
               (%set cons cdr end shared)
               (return (%get cons cdr head)))
              ((not (%is cons rest))
               (%set cons cdr end shared)
               (return (%get cons cdr head)))
              (t (setq tail rest)))))))

(defun %nreplace-tree (tree replace)
  "Like %REPLACE-TREE, but changes the conses of TREE."
  (let ((replacement (%funcall replace tree)))
    (if (not (eq replacement (%unbound)))
        replacement
        (do ((tail tree))
            ((not (%is cons tail)) tree)
          (%set cons car tail (%nreplace-tree (%get cons car tail) replace))
          (let* ((rest (%get cons cdr tail))
                 (replacement (%funcall replace rest)))
            (unless (eq replacement (%unbound))
              (%set cons cdr tail replacement)
              (return tree))
            (setq tail rest))))))

(defun %substitution (new old test test-not key)
  "The replacing function for SUBST."
  (if (%plain-test-p test test-not key)
      (if (%identity-p old)
          (lambda (tree) (if (eq old tree) new (%unbound)))
          (lambda (tree) (if (eql old tree) new (%unbound))))
      (let ((test (%element-test test test-not)) (key (%element-key key)))
        (lambda (tree) (if (%funcall test old (%keyed key tree)) new (%unbound))))))

(defun %substitution-if (new predicate wanted key)
  "The replacing function for SUBST-IF and, with WANTED false, SUBST-IF-NOT."
  (let ((predicate (%callable predicate)) (key (%element-key key)))
    (lambda (tree)
      (if (eq wanted (if (%funcall predicate (%keyed key tree)) t nil))
          new
          (%unbound)))))

(defun %association-substitution (alist test test-not key)
  "The replacing function for SUBLIS."
  (let ((plain (%plain-test-p test test-not nil))
        (test (%element-test test test-not))
        (key (%element-key key)))
    (lambda (tree)
      (let* ((item (%keyed key tree))
             (pair (if plain
                       (assoc item alist)
                       (%do-pairs (pair alist)
                         (when (%funcall test item (car pair))
                           (return pair))))))
        (if pair (cdr pair) (%unbound))))))

(defun subst (new old tree &key key test test-not)
  (%replace-tree tree (%substitution new old test test-not key)))

(defun nsubst (new old tree &key key test test-not)
  (%nreplace-tree tree (%substitution new old test test-not key)))

(defun subst-if (new predicate tree &key key)
  (%replace-tree tree (%substitution-if new predicate t key)))

(defun nsubst-if (new predicate tree &key key)
  (%nreplace-tree tree (%substitution-if new predicate t key)))

(defun subst-if-not (new predicate tree &key key)
  (%replace-tree tree (%substitution-if new predicate nil key)))

(defun nsubst-if-not (new predicate tree &key key)
  (%nreplace-tree tree (%substitution-if new predicate nil key)))

(defun sublis (alist tree &key key test test-not)
  (%replace-tree tree (%association-substitution alist test test-not key)))

(defun nsublis (alist tree &key key test test-not)
  (%nreplace-tree tree (%association-substitution alist test test-not key)))
