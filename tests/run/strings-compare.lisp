;;;; Comparison of strings (CLHS 16.2.3).
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

(defvar *strings*
  (list "" "a" "abc" "ABC" "abd" "abcd" "Zebra" 'abc #\a
        (make-array 5 :element-type 'character :initial-contents "abcxx" :fill-pointer 3)
        (make-array 3 :element-type 'character :displaced-to "xxabcyy" :displaced-index-offset 2)
        "Été" "éTÉ"))

(dolist (f '(string= string/= string< string> string<= string>= string-equal string-not-equal string-lessp string-greaterp
             string-not-greaterp string-not-lessp))
  (format t "~S~%" f)
  (dolist (a *strings*)
    (format t "~S~%" (mapcar (lambda (b) (funcall f a b)) *strings*)))
  (format t "~S~%" (list (funcall f "xabcx" "yabcy" :start1 1 :end1 4 :start2 1 :end2 4)
                         (funcall f "xabcx" "yabdy" :start1 1 :end1 4 :start2 1 :end2 4)
                         (funcall f "hello" "help" :end1 3 :end2 3) (funcall f "hello" "help" :start1 2 :start2 2)
                         (funcall f "abc" "abc" :start1 3) (funcall f "abc" "abc" :start1 3 :start2 3) (funcall f "abcdef" "cd" :start1 2 :end1 nil)
                         (funcall f "abc" "ABC" :start1 1 :start2 1))))
(show (string= "abc" "abc" :start1 4) (string= "abc" "abc" :end1 4) (string= "abc" "abc" :start1 2 :end1 1) (string= "abc" "abc" :start2 -1)
      (string= "abc" 5) (string< 5 "abc") (string-equal "a" '(#\a)) (string= "abc" "abc" :end2 'a))
