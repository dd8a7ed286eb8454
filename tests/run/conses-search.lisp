;;;; Searching lists, association lists, property lists (CLHS 14.2.30-14.2.45).
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

(defvar *items* (list 1 'a 2.5 #\c (copy-seq "str") '(1 2) nil 3/4 (expt 10 20) 'b))
(defvar *pairs* '((1 . one) (2.5 . real) nil (#\c . char) ("str" . string) (b . 1) (c . "str") ((1 2) . list)))

(show (member 1 *items*) (member 2.5 *items*) (member #\c *items*) (member (expt 10 20) *items*) (member "str" *items*)
      (member "STR" *items* :test #'equalp) (member '(1 2) *items* :test 'equal) (member nil *items*) (member 'zz *items*)
      (member 'a *items* :test-not #'eql) (member 1 *items* :key (lambda (x) (if (numberp x) (floor x) x)) :test-not 'eql)
      (member 3 '(1 2 3 4) :test #'<) (member 5 '((1 . 2) (3 . 5)) :key #'cdr) (member 1 nil) (member 2 '(1 . 2)) (member 1 5)
      (member 'x '(1) :test #'eql :test-not #'eql)
      (member-if #'characterp *items*) (member-if 'null *items*) (member-if #'evenp '(3 5)) (member-if #'evenp '(1 2) :key #'1+)
      (member-if-not #'numberp '(1 2 a 3)) (member-if-not #'evenp '(1 2 3) :key #'1+) (member-if #'null '(1 . 2)))

(show (adjoin 1 '(2 3)) (adjoin 2 '(2 3)) (adjoin "a" '("a")) (adjoin "a" '("a") :test #'equal) (adjoin 1.0 '(1 2.0))
      (adjoin '(1 z) '((1 a)) :key #'car) (adjoin '(2 z) '((1 a)) :key #'car) (adjoin 1 '(2 3) :test-not #'eql))
(let ((place (list 1 2)))
  (show (pushnew 3 place) (pushnew 1 place) (pushnew '(1) place :test #'equal) (pushnew '(1) place :test #'equal)
        (pushnew -1 place :key (lambda (x) (if (numberp x) (abs x) x))) place))

(show (assoc 1 *pairs*) (assoc 2.5 *pairs*) (assoc #\c *pairs*) (assoc "str" *pairs*) (assoc "str" *pairs* :test #'equal)
      (assoc 'nope *pairs*) (assoc nil *pairs*) (assoc nil '(nil (nil . 1))) (assoc 3 '((1 . a) (4 . b)) :test #'<)
      (assoc 1 '((2 . a) (0 . b)) :key #'1+) (assoc 'a '((a . 1) (b . 2)) :test-not #'eq) (assoc 1 '(1 2)) (assoc 1 '((2 . 3) . 4))
      (assoc-if #'symbolp *pairs*) (assoc-if #'oddp '((2 . a) (4 . b)) :key #'1+) (assoc-if-not #'numberp *pairs*)
      (rassoc 1 *pairs*) (rassoc 'char *pairs*) (rassoc "str" *pairs*) (rassoc "str" *pairs* :test 'equal)
      (rassoc 2 '((a . 1)) :key #'1+) (rassoc-if #'stringp *pairs*) (rassoc-if #'evenp '((a . 1)) :key #'1+)
      (rassoc-if-not #'symbolp *pairs*) (rassoc 1 '(a)))
(show (acons 'a 1 '((b . 2))) (pairlis '(a b) '(1 2)) (pairlis '(a b) '(1 2) '((c . 3))) (pairlis nil nil) (pairlis '(a) '(1 2)))

(let ((plist (list 'a 1 'b 2 'a 3 nil 4)))
  (show (getf plist 'a) (getf plist 'b) (getf plist 'c) (getf plist 'c :none) (getf plist nil) (getf nil 'x 5)
        (get-properties plist '(b nil)) (get-properties plist '(z)) (get-properties nil '(a))
        (setf (getf plist 'b) 20) (setf (getf plist 'new) 5) plist
        (remf plist 'a) plist (remf plist 'zz) (remf plist 'new) plist (incf (getf plist 'count 10)) plist
        (getf '(a) 'b)))
