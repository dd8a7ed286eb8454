;;; What is no pathname, what has no namestring, and the home directory (CLHS 19, 22.1.3.11, USER-HOMEDIR-PATHNAME).
(setq *print-pretty* nil)
(defun show (&rest values) (prin1 values) (terpri))

;; The datum of the error is the argument, even if that stands for another stream.
(defvar *stream* (make-string-input-stream ""))
(defun same-datum-p (function)
  (let ((synonym (make-synonym-stream '*stream*)))
    (handler-case (funcall function synonym)
      (type-error (c) (list (eq (type-error-datum c) synonym)
                            (not (typep synonym (type-error-expected-type c))))))))
(show (same-datum-p #'pathname) (same-datum-p #'pathname-host) (same-datum-p #'pathname-directory)
      (same-datum-p #'pathname-version) (same-datum-p (lambda (x) (pathname-match-p "a" x))))

;; :UP and :BACK with nothing to go back from (CLHS 19.2.2.4.3). The error's pathname is one.
(defun directory-error (directory)
  (handler-case (directory (make-pathname :directory directory))
    (file-error (c) (pathnamep (pathname (file-error-pathname c))))))
(show (directory-error '(:absolute :up)) (directory-error '(:absolute :back))
      (directory-error '(:relative :wild-inferiors :up)) (directory-error '(:absolute "a" :wild-inferiors :back)))

;; Read back as another pathname: not printed readably.
(defun readable-p (&rest arguments)
  (let ((pathname (apply #'make-pathname arguments)))
    (handler-case (equal pathname (let ((*print-readably* t)) (read-from-string (prin1-to-string pathname))))
      (print-not-readable (c) (list :not-readable (eq (print-not-readable-object c) pathname))))))
(show (readable-p :name "a" :type "txt") (readable-p :directory '(:absolute "x") :name "a") (readable-p)
      (readable-p :name :wild :type "lisp") (readable-p :type "txt") (readable-p :name "a/b"))

;; A home directory there always is.
(let ((home (user-homedir-pathname)))
  (show (pathnamep home) (pathname-name home) (pathname-type home) (pathname-version home)))
