;;;; Strings: kinds, access, case, trimming (CLHS 16).
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

(defun filled (string fill)
  "A string with a fill pointer."
  (make-array (length string) :element-type 'character :initial-contents string :fill-pointer fill))
(defun displaced (string start end)
  (make-array (- end start) :element-type 'character :displaced-to string :displaced-index-offset start))

(show (stringp "a") (stringp 'a) (stringp #\a) (stringp #(#\a)) (stringp (filled "abc" 2)) (stringp (displaced "abc" 1 2))
      (simple-string-p "a") (simple-string-p (filled "abc" 2)) (simple-string-p nil) (stringp (make-array nil :element-type 'character))
      (string "a") (string 'abc) (string #\x) (string nil) (string 5) (string (filled "abcdef" 3)) (string '(#\a)))
(let ((s (copy-seq "hello")) (f (filled "hello" 2)) (d (displaced (copy-seq "xhellox") 1 6)))
  (show (char s 0) (char s 4) (char s 5) (char s -1) (char s 'a) (char f 1) (char f 4) (char d 0) (char d 4) (char d 5) (schar s 1) (char 'a 0)
        (setf (char s 0) #\J) s (setf (char f 0) #\J) f (setf (char d 4) #\!) d (setf (schar s 1) #\a) s (setf (char s 0) (read-from-string "5")) (setf (char s 9) #\a)
        (aref s 1) (elt f 1) (length f) (length d)))
(show (make-string 0) (length (make-string 5)) (make-string 3 :initial-element #\z) (make-string 2 :initial-element #\a :element-type 'base-char)
      (make-string -1) (make-string 'a))

(dolist (s (list "" "a" "Hello World" "hELLO wORLD" "foo-bar 3rd 4TH x9y's" "ÀÉ straße ДЯ ъ" (filled "Fill Pointer" 6) (displaced "xxDisplaced Stringxx" 2 18)
                 'a-symbol #\q))
  (format t "~S ~S ~S~%" (string-upcase s) (string-downcase s) (string-capitalize s))
  (when (> (length (string s)) 4)
    (format t "~S ~S ~S ~S~%" (string-upcase s :start 1 :end 3) (string-downcase s :end 2) (string-capitalize s :start 2) (string-capitalize s :start 1 :end 4))))
(let ((s (copy-seq "Hello World")) (f (filled "Fill Pointer" 6)))
  (show (nstring-upcase s) s (eq s (nstring-downcase s :start 1)) s (nstring-capitalize s :end 8) (nstring-upcase f :start 3) (aref f 8) (nstring-capitalize f)
        (nstring-upcase 'a) (string-upcase "abc" :start 4) (string-upcase "abc" :start 2 :end 1) (string-upcase "abc" :end 9) (string-upcase "abc" :start -1)
        (let ((x "abc")) (equal x (progn (string-upcase x) x)))))

(show (string-trim " " "  a b  ") (string-left-trim " " "  a b  ") (string-right-trim " " "  a b  ") (string-trim '(#\a #\b) "abcba") (string-trim #(#\x) "xxyxx")
      (string-trim "" " a ") (string-trim nil " a ") (string-trim "abc" "abcabc") (string-trim " " "") (string-trim "A" 'abca) (string-left-trim "x" #\x)
      (string-trim (filled "ab" 1) "abba") (string-trim "a" (filled "abcda" 4)) (string-right-trim "d" (displaced "abcddxx" 1 5)) (string-trim " " 5))
