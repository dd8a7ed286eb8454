;;;; Loading (CLHS 24): source files and streams, compiled files and how they are made, modules.

(in-package :clysm)

(defvar *load-pathname* nil)
(defvar *load-truename* nil)
(defvar *load-verbose* nil)
(defvar *load-print* nil)
(defvar *compile-file-pathname* nil)
(defvar *compile-file-truename* nil)
(defvar *compile-verbose* nil)
(defvar *compile-print* nil)

(defun %load-report (what)
  (fresh-line *standard-output*)
  (write-string "; " *standard-output*)
  (write-string what *standard-output*)
  (terpri *standard-output*))

(defun %load-forms (stream print)
  "Reads and evaluates the forms of STREAM one after the other."
  (let ((end (list :end)))
    (loop
      (let ((form (read stream nil end)))
        (when (eq form end) (return))
        (if print
            (dolist (value (multiple-value-list (eval form)))
              (%load-report (prin1-to-string value)))
            (eval form))))))

(defun %load-stream (stream pathname truename verbose print)
  (let ((*readtable* *readtable*)
        (*package* *package*)
        (*load-pathname* pathname)
        (*load-truename* truename))
    (when verbose
      (%load-report (format nil "loading ~A" (if pathname (namestring pathname) stream))))
    (if (and pathname (subtypep (stream-element-type stream) 'integer))
        (%load-compiled (%all-octets stream) pathname)
        (%load-forms stream print))
    t))

(defun %source-pathname (filespec &optional (types '("lisp")))
  "The file that is meant by FILESPEC: with the first of TYPES with which there is one, when there is none of the name as it stands."
  (let ((pathname (merge-pathnames filespec)))
    (if (or (%pathname-type pathname) (eq (%file-kind (%host-namestring pathname)) :file))
        pathname
        (dolist (type types pathname)
          (let ((file (merge-pathnames pathname (make-pathname :type type))))
            (when (probe-file file)
              (return file)))))))

(defun load (filespec &key (verbose *load-verbose*) (print *load-print*) (if-does-not-exist t)
                           (external-format :default))
  (if (and (streamp filespec) (open-stream-p filespec))
      (if (file-stream-p filespec)
          (%load-stream filespec (pathname filespec) (truename filespec) verbose print)
          (%load-stream filespec nil nil verbose print))
      (let ((pathname (%source-pathname (pathname filespec) '("lisp" "wasm"))))
        (with-open-file (stream pathname :external-format external-format
                                         :element-type (if (%compiled-file-p pathname) '(unsigned-byte 8) 'character)
                                         :if-does-not-exist (if if-does-not-exist :error nil))
          (if stream
              (%load-stream stream pathname (truename stream) verbose print)
              nil)))))

;;; Modules (CLHS PROVIDE, REQUIRE)

(defun %module-name (name)
  (let ((string (string name)))
    (coerce string 'simple-string)))

(defun provide (module-name)
  (pushnew (%module-name module-name) *modules* :test #'string=)
  module-name)

(defun require (module-name &optional pathnames)
  (let ((name (%module-name module-name)))
    (cond ((member name *modules* :test #'string=) nil)
          ((null pathnames)
           (%error "The module ~A is not provided, and no files were named for it." name))
          (t (dolist (pathname (if (listp pathnames) pathnames (list pathnames)))
               (load pathname))
             t))))

;;; Compiled files

(defun %compiled-file-p (pathname)
  "True when there is a file of that name which begins as WebAssembly modules do."
  (with-open-file (stream pathname :element-type '(unsigned-byte 8) :if-does-not-exist nil)
    (and stream
         (let ((beginning (make-array 4 :element-type '(unsigned-byte 8))))
           (and (eql (read-sequence beginning stream) 4)
                (equalp beginning #(0 97 115 109)))))))

(defun %all-octets (stream)
  "What is left in a stream of octets."
  (let* ((count (- (file-length stream) (file-position stream)))
         (octets (make-array count :element-type '(unsigned-byte 8))))
    (read-sequence octets stream)
    octets))

(defun %load-compiled (octets pathname)
  "Runs the compiled file of that name, which holds OCTETS."
  (let ((answer (%ask-compiler :load (namestring pathname) octets)))
    (cond ((null answer)
           (%not-yet-supported "loading the compiled file ~S where the host grants no compiler" (namestring pathname)))
          ((null (car answer))
           (%file-error pathname "Can't load ~S: ~A." (namestring pathname) (second answer))))))

(defun %file-text (pathname external-format)
  "The whole text of a file."
  (with-open-file (stream pathname :external-format external-format)
    (with-output-to-string (text)
      (let ((buffer (make-string 4096)))
        (loop
          (let ((count (read-sequence buffer stream)))
            (write-string buffer text :end count)
            (when (< count 4096) (return))))))))

(defun %write-octet-file (octets pathname)
  "Writes a file of octets; returns its truename."
  (with-open-file (stream pathname :direction :output :if-exists :supersede :element-type '(unsigned-byte 8))
    (write-sequence octets stream))
  (truename pathname))

(defun compile-file (input-file &key (output-file nil) (verbose *compile-verbose*) (print *compile-print*)
                                     (external-format :default))
  (let* ((pathname (%source-pathname (pathname input-file)))
         (output (compile-file-pathname pathname :output-file output-file))
         (text (%file-text pathname external-format))
         (*readtable* *readtable*)
         (*package* *package*)
         (*compile-file-pathname* pathname)
         (*compile-file-truename* (truename pathname)))
    (when verbose
      (%load-report (format nil "compiling ~A" (namestring pathname))))
    (let ((answer (%ask-compiler :compile-file (namestring pathname) text)))
      (when (null answer)
        (%not-yet-supported "COMPILE-FILE (of ~S) where the host grants no compiler" input-file))
      (destructuring-bind (octets forms &rest notes) answer
        (when print
          (mapc #'%load-report forms))
        (multiple-value-bind (warnings-p failure-p) (%signal-compiler-notes notes)
          (values (if octets (%write-octet-file octets output) nil) warnings-p failure-p))))))

(defun compile-file-pathname (input-file &key output-file &allow-other-keys)
  (let ((compiled (merge-pathnames (make-pathname :type "wasm" :defaults (merge-pathnames input-file)))))
    (if output-file
        (merge-pathnames output-file compiled)
        compiled)))

(defun %call-with-compilation-unit (function override)
  "The body of WITH-COMPILATION-UNIT: no warnings wait for its end here."
  (declare (ignore override))
  (funcall function))

(defun %file-symbols (octets)
  "The symbols of a compiled file, in a vector by their ids. OCTETS describe them: how many packages there are (1), for each the length
of its name (2) and the name; then each symbol as %NAME-STATIC-SYMBOLS has it. What is missing is made: a package that the file
defines is one of its forms' business, but its symbols are in them before these run."
  (let ((at 0) (packages '()) (symbols '()) (bases '()))
    (labels ((octet ()
               (prog1 (aref octets at)
                 (setq at (+ at 1))))
             (octet-pair ()
               (let ((low (octet)))
                 (+ low (ash (octet) 8))))
             (text (length)
               (let ((start at))
                 (setq at (+ at length))
                 (%octets-string octets start at))))
      (dotimes (i (octet))
        (push (text (octet-pair)) packages))
      (setq packages (coerce (nreverse packages) 'simple-vector))
      (do ()
          ((>= at (length octets)))
        (let ((length (octet-pair)) (package (octet)))
          (octet)                       ; what is external is the forms' business, too
          (push (octet-pair) bases)
          (push (%file-symbol (text length) (if (eql package 0) nil (svref packages (- package 1))))
                symbols))))
    (%resolve-setf-symbols (coerce (nreverse symbols) 'simple-vector) (nreverse bases))))

(defun %file-symbol (name package-name)
  "The symbol NAME in the package of that name, or an uninterned one."
  (if (null package-name)
      (%make-symbol name)
      (let ((package (or (find-package package-name) (make-package package-name :use '())))
            (hash (%string-hash name)))
        (multiple-value-bind (symbol status) (%find-symbol name hash package)
          (if status
              symbol
              (%intern-new name hash package))))))

(defun %resolve-setf-symbols (symbols bases)
  "Puts the symbol for (SETF NAME) in the place of each of SYMBOLS whose base, the id of NAME, is not 0."
  (let ((i 0))
    (dolist (base bases symbols)
      (unless (eql base 0)
        (setf (svref symbols i) (%setf-symbol (svref symbols base))))
      (setq i (+ i 1)))))
