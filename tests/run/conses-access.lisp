;;;; Access to conses and lists by position, copies, tails (CLHS 14.2.1-14.2.29).
(setq *print-pretty* nil)

(defmacro show (&rest forms)
  "Prints the values of each of FORMS on a line, or the kind of error that it signals."
  `(progn
     ,@(mapcar (lambda (form)
                 `(format t "~{~S~^ ~}~%"
                          (handler-case (multiple-value-list ,form)
                            (type-error () (list :type-error))
                            (package-error () (list :package-error))
                            (program-error () (list :program-error))
                            (unbound-variable () (list :unbound-variable))
                            (undefined-function () (list :undefined-function))
                            (error () (list :error)))))
               forms)))

(defvar *nested* '((1 (2 3) 4) ((5 6) 7 (8 9)) (10 11 12 13) 14 15 16 17 18 19 20))

(show (caar *nested*) (cadr *nested*) (cdar *nested*) (cddr *nested*)
      (caadr *nested*) (cadar *nested*) (caddr *nested*) (cdadr *nested*) (cddar *nested*) (cdddr *nested*)
      (caaadr *nested*) (caaddr *nested*) (cdaadr *nested*) (cadddr *nested*) (cddddr *nested*) (caddar *nested*)
      (mapcar (lambda (f) (funcall f *nested*))
              (list #'first #'second #'third #'fourth #'fifth #'sixth #'seventh #'eighth #'ninth #'tenth))
      (rest '(1 2 3)) (car nil) (cdr nil) (cddddr nil) (tenth nil)
      (car 5) (cdr 'a) (cadr '(1 . 2)) (first "abc") (endp nil) (endp '(1)) (endp 5))

(let ((x (list 1 2 3 4 5 6 7 8 9 10 11)))
  (setf (first x) 'a (second x) 'b (third x) 'c (fourth x) 'd (fifth x) 'e
        (sixth x) 'f (seventh x) 'g (eighth x) 'h (ninth x) 'i (tenth x) 'j)
  (show x)
  (setf (cdddr x) (list 'x 'y) (nth 1 x) 'n (car x) 'first (rest x) (cons 'r (cddr x)))
  (show x (setf (nth 5 x) 1) (setf (nth -1 x) 1)))
(let ((x (list (list (list (list 1 2) 3) 4) 5)))
  (setf (caaaar x) 'a (cdaaar x) 'b (cdaar x) 'c (cadr x) 'd)
  (show x (rplaca x 1) (rplacd x 2) (rplaca nil 1) (rplacd 'a 1) (setf (car nil) 1)))

(show (nth 0 '(a b)) (nth 1 '(a b)) (nth 7 '(a b)) (nth -1 '(a b)) (nth 1.0 '(a)) (nth (expt 10 30) '(a))
      (nthcdr 0 '(a b)) (nthcdr 2 '(a b . c)) (nthcdr 3 '(a b . c)) (nthcdr 5 '(a b)) (nthcdr 'a '(1)))
(let ((circle (list 1 2 3 4 5)))
  (setf (cddr (cdddr circle)) (cddr circle))
  (show (list-length circle) (car (nthcdr 1000003 circle)) (car (nthcdr (expt 10 21) circle)) (nth (+ 2 (expt 10 21)) circle)))
(show (list-length nil) (list-length '(1 2 3)) (list-length '(1 2 3 4)) (list-length '(1 . 2)) (list-length 'a))

(show (last '(1 2 3)) (last '(1 2 . 3)) (last nil) (last '(1 2 3) 0) (last '(1 2 . 3) 0) (last '(1 2 3) 2) (last '(1 2 3) 9)
      (last '(1 2 . 3) 2) (last '(1 2) (expt 10 20)) (last '(1) -1) (last '(1) 'a) (last 5)
      (butlast '(1 2 3)) (butlast '(1 2 3) 2) (butlast '(1 2 3) 3) (butlast '(1 2 3) 9) (butlast '(1 2 . 3)) (butlast nil)
      (butlast '(1 2) (expt 10 20)) (butlast '(1) -1) (butlast 3)
      (nbutlast (list 1 2 3)) (nbutlast (list 1 2 3) 0) (nbutlast (list 1 2 3) 3) (nbutlast (list 1 2 3) 1))

(let ((x '(a b c . d)))
  (show (ldiff x (cddr x)) (ldiff x x) (ldiff x 'd) (ldiff x 'z) (tailp (cddr x) x) (tailp 'd x) (tailp 'z x) (tailp nil '(1))
        (tailp nil x) (ldiff 'a 'b) (tailp 'a 'a)))

(show (list) (list 1 2) (list* 1) (list* 1 2) (list* 1 2 '(3 4)) (apply #'list* '(1 2 (3)))
      (make-list 0) (make-list 3) (make-list 2 :initial-element 'x) (make-list -1) (make-list 'a)
      (append) (append 'a) (append '(1) nil '(2 3) 4) (append nil nil) (append '(1) 2 '(3)) (append '(1 . 2) '(3))
      (nconc) (nconc (list 1) nil (list 2 3) 4) (nconc nil nil) (nconc nil 3) (nconc (list 1 2) nil)
      (revappend '(1 2 3) '(4)) (revappend '(1 2) 3) (revappend nil nil) (revappend '(1 . 2) nil)
      (nreconc (list 1 2 3) '(4)) (nreconc nil 'a) (nreconc (list* 1 2) nil))

(let* ((x (list (list 1 2) 'a (cons 3 4))) (copy (copy-list x)) (tree (copy-tree x)) (alist (copy-alist x)))
  (show (equal x copy) (eq (car x) (car copy)) (equal x tree) (eq (car x) (car tree)) alist (eq (car x) (car alist))
        (eq (cdar x) (cdar alist)) (copy-list '(1 2 . 3)) (copy-list 'a) (copy-tree 'a) (copy-alist '((a . 1) nil (b . 2)))
        (copy-alist '((a . 1) . b))))
(show (consp nil) (consp '(1)) (atom nil) (atom '(1)) (listp nil) (listp '(1 . 2)) (listp 5) (null nil) (null 1))
(let ((long (make-list 200000 :initial-element 1)))
  (show (length (copy-tree long)) (tree-equal long (copy-list long)) (length (subst 2 1 long)) (length (append long long nil))))
