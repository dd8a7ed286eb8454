;;;; The standard condition types (CLHS 9.1.1), and the functions by which the library and compiled code
;;;; signal the errors that the standard names.

(in-package :clysm)

(defun %format-simple-condition (condition stream)
  (let ((control (simple-condition-format-control condition)))
    (if control
        (apply #'format stream control (simple-condition-format-arguments condition))
        (format stream "~S was signalled." (%class-name (%instance-class condition))))))

(%ensure-condition-class 'condition (list (find-class 't)) '())

(define-condition serious-condition (condition) ())
(define-condition error (serious-condition) ())
(define-condition warning (condition) ())
(define-condition style-warning (warning) ())
(define-condition storage-condition (serious-condition) ()
  (:report "Storage is exhausted."))

(define-condition simple-condition (condition)
  ((format-control :initarg :format-control :initform nil :reader simple-condition-format-control)
   (format-arguments :initarg :format-arguments :initform '() :reader simple-condition-format-arguments))
  (:report %format-simple-condition))
(define-condition simple-error (simple-condition error) ())
(define-condition simple-warning (simple-condition warning) ())

(define-condition type-error (error)
  ((datum :initarg :datum :reader type-error-datum)
   (expected-type :initarg :expected-type :reader type-error-expected-type))
  (:report (lambda (condition stream)
             (format stream "The value ~S is not of type ~S."
                     (type-error-datum condition) (type-error-expected-type condition)))))
(define-condition simple-type-error (simple-condition type-error) ())

(define-condition %index-error (type-error)
  ((size :initarg :size :reader %index-error-size))
  (:report (lambda (condition stream)
             (format stream "The index ~S is out of bounds: there ~[are no elements~;is 1 element~:;are ~:*~D elements~]."
                     (type-error-datum condition) (%index-error-size condition)))))

(define-condition %check-type-error (type-error)
  ((place :initarg :place :reader %check-type-error-place)
   (type-string :initarg :type-string :initform nil :reader %check-type-error-string))
  (:report (lambda (condition stream)
             (format stream "The value of ~S is ~S, which is not ~:[of type ~S~;~:*~A~]."
                     (%check-type-error-place condition) (type-error-datum condition)
                     (%check-type-error-string condition) (type-error-expected-type condition)))))

(define-condition arithmetic-error (error)
  ((operation :initarg :operation :initform nil :reader arithmetic-error-operation)
   (operands :initarg :operands :initform '() :reader arithmetic-error-operands))
  (:report (lambda (condition stream) (%report-arithmetic "Arithmetic error" condition stream))))

(defun %report-arithmetic (what condition stream)
  (format stream "~A~@[ in ~S~]." what
          (and (arithmetic-error-operation condition)
               (cons (arithmetic-error-operation condition) (arithmetic-error-operands condition)))))

(define-condition division-by-zero (arithmetic-error) ()
  (:report (lambda (condition stream) (%report-arithmetic "Division by zero" condition stream))))
(define-condition floating-point-overflow (arithmetic-error) ()
  (:report (lambda (condition stream) (%report-arithmetic "Floating-point overflow" condition stream))))
(define-condition floating-point-underflow (arithmetic-error) ()
  (:report (lambda (condition stream) (%report-arithmetic "Floating-point underflow" condition stream))))
(define-condition floating-point-inexact (arithmetic-error) ()
  (:report (lambda (condition stream) (%report-arithmetic "Inexact floating-point result" condition stream))))
(define-condition floating-point-invalid-operation (arithmetic-error) ()
  (:report (lambda (condition stream) (%report-arithmetic "An invalid floating-point operation" condition stream))))

(define-condition cell-error (error)
  ((name :initarg :name :reader cell-error-name))
  (:report (lambda (condition stream)
             (format stream "~S can't be accessed." (cell-error-name condition)))))
(define-condition unbound-variable (cell-error) ()
  (:report (lambda (condition stream)
             (format stream "The variable ~S is unbound." (cell-error-name condition)))))
(define-condition undefined-function (cell-error) ()
  (:report (lambda (condition stream)
             (format stream "The function ~S is undefined." (cell-error-name condition)))))
(define-condition unbound-slot (cell-error)
  ((instance :initarg :instance :reader unbound-slot-instance))
  (:report (lambda (condition stream)
             (format stream "The slot ~S of the instance of ~S is unbound." (cell-error-name condition)
                     (%class-name (%instance-class (unbound-slot-instance condition)))))))

(define-condition control-error (error) ()
  (:report "A dynamic transfer of control went wrong."))
(define-condition %simple-control-error (simple-condition control-error) ())

(define-condition program-error (error) ()
  (:report "The program is malformed."))
(define-condition %simple-program-error (simple-condition program-error) ())

(define-condition parse-error (error) ()
  (:report "The text could not be parsed."))
(define-condition simple-parse-error (simple-condition parse-error) ())

(define-condition stream-error (error)
  ((stream :initarg :stream :initform nil :reader stream-error-stream))
  (:report (lambda (condition stream)
             (format stream "An operation on ~S failed." (stream-error-stream condition)))))
(define-condition %simple-stream-error (simple-condition stream-error) ())
(define-condition end-of-file (stream-error) ()
  (:report (lambda (condition stream)
             (format stream "End of file on ~S." (stream-error-stream condition)))))

(define-condition reader-error (parse-error stream-error) ()
  (:report (lambda (condition stream)
             (format stream "The text on ~S could not be read." (stream-error-stream condition)))))
(define-condition %simple-reader-error (simple-condition reader-error) ())

(define-condition file-error (error)
  ((pathname :initarg :pathname :initform nil :reader file-error-pathname))
  (:report (lambda (condition stream)
             (format stream "An operation on the file ~S failed." (file-error-pathname condition)))))
(define-condition %simple-file-error (simple-condition file-error) ())

(define-condition package-error (error)
  ((package :initarg :package :initform nil :reader package-error-package))
  (:report (lambda (condition stream)
             (format stream "An operation on the package ~S failed." (package-error-package condition)))))
(define-condition %simple-package-error (simple-condition package-error) ())

;; What the reader signals of a package: both the standard's reader-error and package-error.
(define-condition %reader-package-error (%simple-reader-error package-error) ())

(define-condition print-not-readable (error)
  ((object :initarg :object :reader print-not-readable-object))
  (:report (lambda (condition stream)
             (let ((*print-readably* nil))
               (format stream "~S can't be printed readably." (print-not-readable-object condition))))))

(define-condition %format-error (error)
  ((complaint :initarg :complaint :reader %format-error-complaint)
   (arguments :initarg :arguments :initform '() :reader %format-error-arguments)
   (control :initarg :control :initform nil :reader %format-error-control)
   (position :initarg :position :initform nil :reader %format-error-position))
  (:report (lambda (condition stream)
             (format stream "Error in a format string: ~?" (%format-error-complaint condition)
                     (%format-error-arguments condition))
             (when (%format-error-position condition)
               (format stream ", at character ~D of ~S" (%format-error-position condition)
                       (%format-error-control condition)))
             (write-char #\. stream))))

;;; Signallers.

(defun %type-error (datum expected-type)
  (%error 'type-error :datum datum :expected-type expected-type))

(defun %program-error (format-control &rest format-arguments)
  (%error '%simple-program-error :format-control format-control :format-arguments format-arguments))

(defun %control-error (format-control &rest format-arguments)
  (%error '%simple-control-error :format-control format-control :format-arguments format-arguments))

(defun %package-error (package format-control &rest format-arguments)
  (%error '%simple-package-error :package package :format-control format-control :format-arguments format-arguments))

(defun %file-error (pathname format-control &rest format-arguments)
  (%error '%simple-file-error :pathname pathname :format-control format-control :format-arguments format-arguments))

(defun %stream-error (stream format-control &rest format-arguments)
  (%error '%simple-stream-error :stream stream :format-control format-control :format-arguments format-arguments))

(defun %reader-error (stream format-control &rest format-arguments)
  (%error '%simple-reader-error :stream stream :format-control format-control :format-arguments format-arguments))

(defun %not-yet-supported (what &rest arguments)
  (%error "not yet supported: ~?" what arguments))

;;; Names that conditions carry to whoever handles them, who could call them.

(defun %public-name (name)
  "NAME as programs may know it: in place of a hidden symbol an uninterned one."
  (cond ((not *%sealed*) name)
        ((consp name) (list (car name) (%public-name (car (cdr name)))))
        ((and name (symbolp name) (%hidden-p name)) (make-symbol (copy-seq (symbol-name name))))
        (t name)))

;;; Entry points of compiled code.

(defun %called-name (function)
  "What is called, for a report: the name of FUNCTION if it has one.  A symbol stands for a function without a function object."
  (or (%public-name (%written-name (if (%is function function) (%get function name function) function))) function))

(defun %wrong-argument-count (function count)
  (%program-error "~S was called with ~D argument~:P." (%called-name function) count))

(defun %bad-index (index size)
  (error '%index-error :datum index :expected-type `(integer 0 (,size)) :size size))

(defun %odd-keyword-arguments (function)
  (%program-error "~S was called with an odd number of keyword arguments." (%called-name function)))

(defun %unknown-keyword-argument (function keyword)
  (%program-error "~S has no keyword parameter ~S." (%called-name function) keyword))

(defun %control-error-exited (name)
  (%control-error "The exit point ~S is no longer there: its form has been left." name))

(defun %no-catch-tag (tag)
  (%control-error "There is no CATCH for the tag ~S." tag))
