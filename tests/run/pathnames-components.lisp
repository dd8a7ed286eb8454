;;; Pathnames: parsing, printing, components, merging (CLHS 19).
(setq *print-pretty* nil)
(defmacro show (form)
  `(format t "~S~%" (handler-case (multiple-value-list ,form) (error () :error))))
(defun parts (name)
  (let ((p (pathname name)))
    (list (pathname-directory p) (pathname-name p) (pathname-type p))))

(dolist (name '("" "foo" "foo.lisp" "foo.tar.gz" ".profile" ".profile.old" "foo." "/" "/a/b/" "a/b/" "/a/b/c.d" "../x" "a/../b" "./x"
                "a//b" "/a/*/c" "/a/**/*.lisp" "*" "*.*" "dir.ext/file"))
  (show (parts name))
  (show (namestring (pathname name))))

(show (pathnamep #p"foo"))
(show (pathnamep "foo"))
(show (equal (pathname "a/b.c") (make-pathname :directory '(:relative "a") :name "b" :type "c")))
(show (equal (pathname "a/b.c") (pathname "a/b.d")))
(show (namestring (make-pathname :directory '(:absolute "x" "y") :name "n" :type "t")))
(show (namestring (make-pathname :directory "x" :name "n")))
(show (namestring (make-pathname :directory '(:relative :up "x") :name "n")))
(show (namestring (make-pathname :name "n" :defaults "/a/b/c.d")))
(show (namestring (make-pathname :name nil :type nil :defaults "/a/b/c.d")))
(show (namestring (make-pathname :directory :wild :name :wild :type :wild)))
(show (namestring (make-pathname :name "foo" :type :wild)))
(show (parts (make-pathname :directory '(:absolute "A" "Bc") :name "FOO" :type "LISP" :case :common)))
(show (pathname-name (pathname "foo") :case :common))
(show (pathname-name (pathname "Foo") :case :common))
(show (pathname-directory (pathname "/a/B/cD/") :case :common))
(show (make-pathname :directory '(:absolute :up)))
(show (make-pathname :directory 17))

;; the strings of parts
(show (list (file-namestring "/a/b/c.d") (directory-namestring "/a/b/c.d") (namestring "/a/b/c.d")))
(show (list (enough-namestring "/a/b/c.d" "/a/") (enough-namestring "/a/b/c.d" "/a/b/")))
(show (enough-namestring "/x/y" "/a/"))

;; merging
(dolist (pair '(("x" "/a/b/c.d") ("x.y" "/a/b/c.d") ("x/" "/a/b/c.d") ("/x/" "/a/b/c.d") ("" "/a/b/c.d") ("../x" "/a/b/c.d")
                ("x" "a.b") ("*.l" "/a/b/c.d") (".emacs" "/a/b.c")))
  (show (namestring (merge-pathnames (first pair) (second pair)))))
(show (namestring (merge-pathnames (make-pathname :directory '(:relative :back "x")) "/a/b/")))

;; parse-namestring
(show (multiple-value-bind (p n) (parse-namestring "foo.bar") (list (namestring p) n)))
(show (multiple-value-bind (p n) (parse-namestring "xxfoo.baryy" nil *default-pathname-defaults* :start 2 :end 9)
        (list (namestring p) n)))
(show (multiple-value-bind (p n) (parse-namestring #p"foo") (list (namestring p) n)))
(show (parse-namestring 17))

;; printing
(show (list (prin1-to-string #p"a/b.c") (princ-to-string #p"a/b.c") (prin1-to-string #p"say \"x\"")))
(show (read-from-string (prin1-to-string #p"/a/b.c")))
(show (typep #p"x" 'pathname))
