;;;; Symbols: names, values, functions, properties, making them (CLHS 10).
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

(defvar *special* 10)
(defconstant +constant+ 7)
(defmacro a-macro () nil)
(defun a-function (x) (list :called x))
(define-symbol-macro a-symbol-macro *special*)

(show (symbolp 'a) (symbolp nil) (symbolp :k) (symbolp "a") (symbolp 1) (keywordp :k) (keywordp 'a) (keywordp (make-symbol "K")) (keywordp 3)
      (symbol-name 'car) (symbol-name :key) (symbol-name nil) (symbol-name '|mixed Case|) (symbol-name "x") (symbol-name 5))
(show (boundp '*special*) (boundp 'never-set) (boundp t) (boundp nil) (boundp :k) (boundp '+constant+) (boundp 'a-symbol-macro) (boundp 1)
      (symbol-value '*special*) (symbol-value :k) (symbol-value nil) (symbol-value '+constant+) (symbol-value 'never-set) (symbol-value 3)
      (set '*special* 11) *special* (setf (symbol-value '*special*) 12) (let ((*special* 1)) (symbol-value '*special*)) *special*
      (let ((*special* 1)) (set '*special* 2) *special*) *special*
      (makunbound '*special*) (boundp '*special*) (symbol-value '*special*) (set '*special* 5) (makunbound 1) (set 1 2))
(show (handler-case (set '+constant+ 8) (error () :refused)) (handler-case (set nil 8) (error () :refused))
      (handler-case (set :k 8) (error () :refused)) (handler-case (makunbound t) (error () :refused)) +constant+)
(show (restart-case (handler-bind ((unbound-variable (lambda (c) (use-value (list :instead (cell-error-name c)))))) (symbol-value 'never-set)))
      (handler-bind ((unbound-variable (lambda (c) (store-value 3 c)))) (symbol-value 'stored-variable))
      (symbol-value 'stored-variable))

(show (funcall (symbol-function 'a-function) 1) (functionp (symbol-function 'car)) (symbol-function 'no-such-function)
      (symbol-function 1) (functionp (symbol-function 'a-function)) (not (fboundp 'a-macro)) (not (fboundp 'a-function)) (not (fboundp 'no-such-function))
      (progn (setf (symbol-function 'made) (lambda () :made)) (made)) (not (fboundp 'made)) (setf (symbol-function 'made) 5)
      (progn (fmakunbound 'made) (fboundp 'made)))

(show (symbol-plist 'props) (get 'props 'a) (get 'props 'a :none) (setf (get 'props 'a) 1) (setf (get 'props 'b) 2) (get 'props 'a :none)
      (setf (get 'props 'a) 3) (symbol-plist 'props) (remprop 'props 'zz) (not (remprop 'props 'b)) (symbol-plist 'props)
      (setf (symbol-plist 'props) (list 'x 1)) (get 'props 'x) (incf (get 'props 'x 0)) (incf (get 'props 'y 5)) (get 5 'x) (symbol-plist "x"))

(let* ((made (make-symbol "Made")) (copy (copy-symbol 'a-function)) (full (copy-symbol 'a-function t)))
  (show made (symbol-package made) (eq made (make-symbol "Made")) (make-symbol 'a) (string= (symbol-name copy) "A-FUNCTION") (fboundp copy)
        (funcall full 2) (symbol-package full) (eq (symbol-function full) (symbol-function 'a-function)) (copy-symbol 1)))
(progn
  (setf (get '*special* 'p) (list 1) (symbol-value '*special*) :value)
  (let ((copy (copy-symbol '*special* t)))
    (show (symbol-value copy) (symbol-plist copy) (eq (symbol-plist copy) (symbol-plist '*special*)))))

(let ((*gensym-counter* 41))
  (show (gensym) (gensym "PREFIX") *gensym-counter* (gensym 7) *gensym-counter* (symbol-package (gensym)) (gensym 'a) (gensym -1)))
(let ((a (gentemp)) (b (gentemp "XYZ")))
  (show (eq (find-symbol (symbol-name a)) a) (string= (symbol-name b) "XYZ" :end1 3) (package-name (symbol-package b)) (eq a (gentemp)) (gentemp 5)))
(show (package-name (symbol-package 'car)) (package-name (symbol-package :k)) (package-name (symbol-package 'a)) (symbol-package "a") 'cl:car :key '#:uninterned 'cl-user::here)
