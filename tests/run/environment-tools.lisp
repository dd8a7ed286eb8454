;;; TRACE, TIME, DOCUMENTATION, descriptions of the implementation (CLHS 25).
(setq *print-pretty* nil)
(defmacro show (form)
  `(format t "~S~%" (handler-case (multiple-value-list ,form) (error () :error))))

(declaim (notinline fact))
(defun fact (n) "The factorial of N." (if (< n 2) 1 (* n (fact (- n 1)))))
(defmacro with-trace-lines (form)
  "The value of FORM, and how many lines it writes to *TRACE-OUTPUT*."
  `(let* (value (text (with-output-to-string (*trace-output*) (setq value ,form))))
     (list value (count #\Newline text) (if (search "FACT" text) t nil))))

(show (trace fact))
(show (trace))
(show (with-trace-lines (fact 3)))
(untrace fact)
(show (trace))
(show (with-trace-lines (fact 3)))
(trace fact)
(untrace)
(show (trace))
(show (fact 5))

;; documentation
(defvar *documented* 1 "A variable.")
(defstruct documented "A structure." a)
(defmacro documented-macro () "A macro." nil)
(show (list (documentation 'fact 'function) (documentation #'fact 'function) (documentation '*documented* 'variable)
            (documentation 'documented 'structure) (documentation 'documented 'type)
            (documentation 'documented-macro 'function) (documentation 'fact 'variable)))
(show (progn (setf (documentation 'fact 'function) "New.") (documentation 'fact 'function)))
(show (progn (setf (documentation 'fact 'function) nil) (documentation 'fact 'function)))

;; the implementation
(show (every (lambda (f) (let ((value (funcall f))) (or (null value) (stringp value))))
             (list #'lisp-implementation-type #'lisp-implementation-version #'machine-type #'machine-version
                   #'machine-instance #'software-type #'software-version #'short-site-name #'long-site-name)))
(show (subsetp '(:common-lisp :ansi-cl) *features*))
(show (let (value) (list (stringp (with-output-to-string (*trace-output*) (setq value (time (+ 1 2))))) value)))
(show (stringp (with-output-to-string (s) (describe 'fact s))))
(show (stringp (with-output-to-string (s) (describe (make-documented :a 1) s))))
(show (> (length (with-output-to-string (s) (describe "text" s))) 0))
(show (let (values) (with-output-to-string (*standard-output*) (setq values (multiple-value-list (describe 17)))) values))
