;;;; Sealed preludes: what a program that is read afterwards can get at, and what not, by what it computes.
(setq *print-pretty* nil)

(defpackage :crm (:use :cl)
  (:export "GET-USER" "DELETE-USER" "*LIMIT*" "+ANSWER+" "POINT" "MAKE-POINT" "POINT-X" "TOKEN-OF" "LOGIN" "REGISTER" "UNDOCUMENTED" "SCALE")
  (:shadow "SEARCH" "INTERNAL-SEARCH"))

(in-package :crm)
(defparameter *limit* 10 "How many.")
(defvar *calls* 0)
(defvar *unbound*)
(defconstant +answer+ 42)
(defstruct point x)
(defstruct (session (:constructor new-session)) token)
(defun search () 1)
(defun helper (id) (setq *calls* (+ *calls* 1)) (list :user id *limit*))
(defun get-user (id) "Looks a user up." (helper id))
(defun delete-user (id) "Removes a user." (list :deleted (second (get-user id))))
(defun login () (new-session :token "secret"))
(defun token-of (session) (session-token session))
(defun register (f) (funcall f #'helper *unbound*))
(defun undocumented () *calls*)
(defun (setf scale) (new) (list :scaled new))
(defun scale () 1)

(in-package :cl-user)

(defvar *privates* (list 'crm::helper 'crm::*calls* 'crm::session 'crm:undocumented 'crm::new-session))

(defun outcome (function)
  "The values of FUNCTION, or what error it signals."
  (handler-case (multiple-value-list (funcall function))
    (clysm:package-lock-violation () '(:locked))
    (clysm:capability-error (c) (list :gate (clysm:capability-error-name c)))
    (undefined-function () '(:undefined-function))
    (unbound-variable (c) (list :unbound (symbol-package (cell-error-name c)) (symbol-name (cell-error-name c))))
    (program-error () '(:program-error))
    (package-error () '(:package-error))
    (reader-error () '(:reader-error))
    (type-error () '(:type-error))
    (error () '(:error))))

(defmacro show (&rest forms)
  `(progn ,@(mapcar (lambda (form) `(format t "~{~S~^ ~}~%" (outcome (lambda () ,form)))) forms)))

(defun attempt (text)
  "The outcome of a program's text, read and evaluated at run time."
  (outcome (lambda () (eval (read-from-string text)))))

(defmacro attempts (&rest texts)
  `(dolist (text ',texts) (format t "~A => ~{~S~^ ~}~%" text (attempt text))))

(clysm::%seal-preludes '("CRM")
                       '((crm:get-user :function) (crm:delete-user :function) (crm:*limit* :constant) (crm:+answer+ :constant)
                         (crm:make-point :function) (crm:point-x :function) (crm:token-of :function) (crm:login :function)
                         (crm:register :function) (crm:scale :function))
                       '(crm:undocumented))

;;; Finding.
(show (find-symbol "HELPER" :crm) (find-symbol "UNDOCUMENTED" :crm) (nth-value 1 (find-symbol "GET-USER" :crm))
      (intern "HELPER" :crm) (intern "UNDOCUMENTED" "CRM") (intern "X" :crm) (eq (intern "GET-USER" :crm) 'crm:get-user)
      (find-symbol "%SET-INFO" :clysm) (intern "%SET-INFO" :clysm) (nth-value 1 (find-symbol "LOCK-PACKAGE" :clysm))
      (find-all-symbols "HELPER") (apropos-list "HELPER") (apropos-list "%SET-INFO") (apropos-list "UNDOCUMENTED")
      (package-shadowing-symbols :crm)
      (let ((names '())) (do-symbols (s :crm) (when (eq (symbol-package s) (find-package :crm)) (push (symbol-name s) names)))
        (sort names #'string<))
      (let ((count 0)) (do-all-symbols (s) (when (member s *privates*) (incf count))) count)
      (let ((count 0))
        (with-package-iterator (next (list-all-packages) :internal :external :inherited)
          (loop (multiple-value-bind (more symbol) (next)
                  (unless more (return count))
                  (when (member symbol *privates*) (incf count))))))
      (let ((count 0)) (do-external-symbols (s :crm count) (incf count))))
(attempts "crm::helper" "'crm::helper" "(crm::helper 1)" "crm:undocumented" "'crm::undocumented" "'clysm::%set-info"
          "(let ((*package* (find-package :crm))) (read-from-string \"helper\"))"
          "(let ((*package* (find-package :clysm))) (read-from-string \"%set-info\"))"
          "'#.(intern \"HELPER\" :crm)" "(format nil \"~/crm::helper/\" 1)" "(format nil \"~/clysm::%set-info/\" 1)"
          "(progn (in-package :crm) (unwind-protect (read-from-string \"helper\") (in-package :cl-user)))"
          "(progn (unintern 'crm:get-user :crm) 1)" "(unexport 'crm:get-user :crm)" "(delete-package :crm)" "(rename-package :crm :x)"
          "(make-package :crm)" "(defpackage :crm (:use))" "(use-package :cl-user :crm)" "(package-name (make-package :mine :use '(:crm)))"
          "(symbol-name (find-symbol \"GET-USER\" :mine))" "(find-symbol \"HELPER\" :mine)"
          "(let ((name (package-name :crm))) (fill name #\\X) (package-name :crm))")
(prin1 (first *privates*)) (terpri)

;;; Gates: exports exist as usual, but can't be called until they are opened.
(defvar *delete* 'crm:delete-user)      ; calls by name: those that a text names are known beforehand
(show (fboundp 'crm:delete-user) (documentation 'crm:delete-user 'function) (functionp #'crm:delete-user)
      (funcall *delete* 1) (funcall (symbol-function *delete*) 1) (apply (fdefinition *delete*) '(1)) (mapcar *delete* '(1)) (funcall (symbol-function 'crm:get-user) 1) (eval '(crm:delete-user 1))
      (let ((copy (copy-symbol 'crm:delete-user t))) (eq copy (funcall copy 1)))
      (funcall (fdefinition '(setf crm:scale)) 1) crm:*limit* crm:+answer+ (symbol-value 'crm:*limit*))
(attempts "(crm:delete-user 1)" "(funcall (intern \"DELETE-USER\" :crm) 1)" "(format nil \"~/crm:delete-user/\" 1)"
          "(handler-bind ((error (lambda (c) (declare (ignore c)) nil))) (crm:delete-user 1))"
          "(compile 'crm:delete-user)")
(clysm::%open-gates '(crm:get-user crm:token-of crm:login crm:register crm:scale crm:*limit* crm:make-point crm:point-x))
(clysm::%open-gates '(crm:get-user))
(show (crm:get-user 1) (funcall 'crm:get-user 2) (eval '(crm:get-user 3)) (funcall *delete* 1) (setf (crm:scale) 5))

;;; Changing what exports are.
(attempts "(defun crm:get-user (x) x)" "(setf (fdefinition 'crm:delete-user) (fdefinition 'crm:get-user))" "(set 'crm:*limit* 99)"
          "(setq crm:*limit* 99)" "(setf (symbol-value 'crm:*limit*) 99)" "(let ((crm:*limit* 99)) (crm:get-user 1))"
          "(let* ((crm:*limit* 99)) (crm:get-user 1))" "((lambda (crm:*limit*) (crm:get-user 1)) 99)"
          "(multiple-value-bind (crm:*limit*) 99 (crm:get-user 1))" "(do ((crm:*limit* 99)) (t (crm:get-user 1)))"
          "(progv '(crm:*limit*) '(99) (crm:get-user 1))" "(makunbound 'crm:*limit*)" "(incf crm:*limit*)" "(defvar crm:*limit* 9)"
          "(progv '(crm:+answer+) '(1) crm:+answer+)" "(progv '(pi) '(3) pi)" "(defparameter crm:*limit* 9)"
          "(trace crm:get-user)" "(trace car)" "(fmakunbound 'crm:get-user)" "(defun (setf crm:get-user) (x) x)"
          "(defstruct crm:point y)" "(defstruct (mine (:include crm:point)) y)" "(deftype crm:get-user () t)"
          "(define-compiler-macro crm:get-user (x) x)" "(setf (macro-function 'crm:get-user) #'list)" "(defsetf crm:get-user car)"
          "(setf (documentation 'crm:get-user 'function) \"Nothing.\")" "(setf (find-class 'crm:point) (find-class 'error))"
          "(defun car (x) x)" "(defmacro defun (x) x)" "(setf (symbol-function 'append) #'list)" "(declaim (special car))"
          "(defconstant crm:get-user 1)" "(define-symbol-macro crm:get-user 1)" "(defun clysm:dir () 1)")

;;; Symbols that leak through objects are of no use.
(show (set (second *privates*) 5) (makunbound (second *privates*)) (progv (list (second *privates*)) '(5) (crm:get-user 1))
      (setf (fdefinition (first *privates*)) #'list) (symbol-package (nth-value 2 (function-lambda-expression (fdefinition (first *privates*)))))
      (crm:register (lambda (f x) (declare (ignore x)) (funcall f)))
      (let ((session (crm:login)))
        (list (crm:token-of session)
              (outcome (lambda () (crm:token-of (read-from-string "#S(#.(type-of (crm:login)) :token 1)"))))
              (outcome (lambda () (eval `(defstruct (fake (:include ,(type-of session)))))))
              (outcome (lambda () (eval `(defstruct ,(type-of session) token))))
              (outcome (lambda () (setf (class-name (class-of session)) 'mine)))
              (outcome (lambda () (setf (find-class 'mine2) (class-of session)) (eval '(defstruct mine2 token)))))))
(handler-case (funcall (fdefinition (first *privates*)) 1 2 3)
  (program-error (c) (format t "~A~%" c)))

;;; Primitives that macros expand into. DEFSTRUCT works without them.
(defun internals (form &optional found)
  "The symbols of CLYSM in FORM that no package knows."
  (cond ((consp form) (internals (car form) (internals (cdr form) found)))
        ((and (symbolp form) (eq (symbol-package form) (find-package :clysm))) (adjoin form found))
        (t found)))
(defun all-internals ()
  (let ((found '()))
    (labels ((walk (form)
               (let ((expansion (macroexpand form)))
                 (setq found (union (internals expansion) found))
                 (cond ((atom expansion))
                       ((eq (car expansion) 'quote))
                       ((and (eq (car expansion) 'function) (consp (second expansion))) (walk-all (cddr (second expansion))))
                       (t (walk-all expansion)))))
             (walk-all (forms)
               (dolist (form forms) (when (consp form) (walk form)))))
      (walk-all '((defstruct s a) (defstruct (s2 (:type list)) a) (defstruct (s3 (:constructor s3 (a &optional b))) a b)
                     (define-condition c () ((a :initarg :a :reader c-a))) (defun f (x) x) (deftype a () t)
                     (handler-case 1 (error () 2)) (check-type x string) (loop for x in y collect x))))
    found))
(show (intersection (mapcar #'symbol-name (all-internals))
                    '("%ARRAY-REF" "%ARRAY-SET" "%ARRAY-NEW" "%GET" "%SET" "%NEW" "%STRUCTURE-ELEMENT" "%SET-STRUCTURE-ELEMENT" "%FUNCALL")
                    :test #'string=)
      (let ((set-info (find "%SET-INFO" (all-internals) :key #'symbol-name :test #'string=)))
        (list (outcome (lambda () (funcall set-info 'crm:delete-user :macro #'list)))
              (outcome (lambda () (funcall set-info 'car :evaluator #'list)))
              (outcome (lambda () (funcall set-info (first *privates*) :class 1)))))
      (let ((reader (find "%SLOT-READER" (all-internals) :key #'symbol-name :test #'string=))
            (writer (find "%SLOT-WRITER" (all-internals) :key #'symbol-name :test #'string=))
            (session (crm:login)))
        (list (outcome (lambda () (funcall (funcall reader (type-of session) 1 2) session)))
              (outcome (lambda () (funcall reader 'package 1 2)))
              (outcome (lambda () (funcall (funcall reader 'crm:point 1 2) (crm:make-point :x 1))))
              (progn (eval '(defstruct own a))
                     (outcome (lambda () (funcall (funcall writer 'own 2 0) (class-of session) (eval '(make-own))))))
              (outcome (lambda () (funcall (funcall reader 'own 2 77) (eval '(make-own)))))
              (outcome (lambda () (funcall (funcall reader 'own 2 2) session)))
              (outcome (lambda () (funcall (funcall reader 'own -1 2) (eval '(make-own :a 7))))))))
(eval '(defstruct (box (:copier clone) (:predicate boxp)) (content 1 :type integer) (fixed 2 :read-only t)))
(eval '(defstruct (big-box (:include box (content 5)) (:constructor big (content size))) size))
(defmacro late (form) `(eval ',form))
(show (late (box-content (make-box :content 3))) (late (make-box)) (late (boxp (big 1 2))) (late (boxp 1))
      (late (let ((b (make-box))) (setf (box-content b) 9) (incf (box-content b)) (list (box-content b) (box-fixed b) (clone b))))
      (late (big-box-size (big 1 2))) (late (box-content (big 1 2))) (late (box-content 5)) (late (big-box-size (make-box)))
      (late (make-box :content "x")) (late (setf (box-content (make-box)) "x")) (late (setf (box-fixed (make-box)) 1))
      (late (clone 5)) (late (read-from-string "#S(box :content 7)")) (late (typep (big 1 2) 'box))
      (late (equalp (make-box) (make-box))))

;; The same, compiled.
(defstruct (pair (:constructor pair (left right))) (left 0 :type (integer 0 9)) right)
(defstruct (triple (:include pair)) more)
(show (pair-left (pair 1 2)) (pair-right (make-triple :left 1 :right 3 :more 4)) (triple-more (make-triple :more 4)) (triple-p (pair 1 2))
      (let ((p (pair 1 2))) (setf (pair-right p) (pair 3 4)) (copy-pair p)) (pair-left 5) (setf (pair-left (pair 1 2)) 10)
      (typep (pair 1 2) 'pair) (typep 5 'pair) (typep 5 '(integer 0 9)) (typep "x" 'string) (typep (vector 1) '(vector t 1)))

;;; What stays as it was.
(show (apropos-list "GET-USER" :crm) (progn (defvar *own* 1) (set '*own* 2)) (let ((*print-base* 2)) (princ-to-string 5))
      (progn (intern "FRESH" :cl-user) 1) (intern "FRESH-KEYWORD" :keyword)
      (let ((table (make-hash-table))) (setf (gethash 1 table) 2) (with-hash-table-iterator (next table) (next)))
      (handler-case (error "x") (error () :handled)) (restart-case (invoke-restart 'go-on 5) (go-on (x) x))
      (destructuring-bind (a &key (b 2)) '(1 :b 3) (list a b)) (loop for x across "abc" collect x)
      (with-output-to-string (s) (princ 'crm:get-user s)) (let ((*print-readably* t)) (prin1-to-string 'crm:get-user))
      (with-standard-io-syntax (set-macro-character #\! (lambda (s c) (declare (ignore s c)) 1)))
      (let ((*readtable* (copy-readtable nil))) (set-macro-character #\! (lambda (s c) (declare (ignore s c)) 1)) (read-from-string "!")))
(attempts "(handler-case (error \"x\") (error () :handled))" "(restart-case (invoke-restart 'go-on 5) (go-on (x) x))"
          "(destructuring-bind (a &key (b 2)) '(1 :b 3) (list a b))" "(loop for x across \"abc\" collect x)"
          "(let ((x 5)) (check-type x integer) x)" "(with-output-to-string (s) (format s \"~D\" 5))"
          "(let ((table (make-hash-table))) (setf (gethash 1 table) 2) (with-hash-table-iterator (next table) (next)))"
          "(typecase 5 (string 1) ((integer 0 9) 2))" "(progn (define-condition oops (error) ((a :initarg :a :reader oops-a))) (handler-case (error 'oops :a 4) (oops (c) (oops-a c))))"
          "(progn (deftype small () '(integer 0 9)) (typep 5 'small))" "(progn (defmacro twice (x) `(list ,x ,x)) (twice 3))"
          "(multiple-value-list (floor 7 2))" "(progn (defsetf my-car rplaca) (let ((c (list 1))) (setf (my-car c) 2) c))"
          "(let ((x (list 1 2))) (setf (getf x :a) 3) x)" "(block nil (unwind-protect (return 1) 2))")
