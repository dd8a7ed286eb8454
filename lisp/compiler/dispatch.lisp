;;;; The tables through which compiled code reaches what it does not contain: the runtime functions written in Lisp, and the
;;;; imports that the host provides. They come from lisp/generated/.

(in-package :clysm-compiler)

;;; Runtime functions: which Lisp functions compiled code may call by a fixed name, and with how many arguments.

(defstruct (runtime-function (:copier nil))
  "One runtime function."
  symbol                                ; the function's symbol, of CLYSM
  name                                  ; its name in lower case, a string
  runtime-name                          ; the Wasm function's name, such as :$ast-literal-p-rt
  arity                                 ; the exact argument count, NIL for a variadic function
  category)

(defun runtime-function-of-row (row)
  "The runtime function of a row of the generated table."
  (destructuring-bind (name runtime-name arity category) row
    (make-runtime-function :symbol (intern (string-upcase name) (find-package "CLYSM"))
                           :name name
                           :runtime-name runtime-name
                           :arity arity
                           :category category)))

(defparameter *runtime-function-list*
  (mapcar #'runtime-function-of-row clysm::*runtime-functions*)
  "The runtime functions in the order of their names.")

(defparameter *runtime-functions-by-symbol*
  (let ((table (make-hash-table :test 'eq)))
    (dolist (function *runtime-function-list* table)
      (setf (gethash (runtime-function-symbol function) table) function)))
  "The runtime functions by symbol.")

(defun find-runtime-function (symbol)
  "The runtime function of a symbol, or NIL."
  (values (gethash symbol *runtime-functions-by-symbol*)))

(defun runtime-function-qualified-name (function)
  "A runtime function's name with its package, in lower case."
  (concatenate 'string "clysm:" (runtime-function-name function)))

(defun check-arity (symbol got)
  "Fails if the function of that symbol is a runtime function that takes another number of arguments than GOT."
  (let* ((function (find-runtime-function symbol))
         (expected (and function (runtime-function-arity function))))
    (if (and expected (/= expected got))
        (compile-failure :arity (runtime-function-qualified-name function) expected got))))

;;; Host imports

(defstruct (host-import (:copier nil))
  "A function that the host provides."
  module                                ; the import module, such as "clysm:io"
  name
  params                                ; a list of (NAME TYPE), the types :i32, :i64, :f64 or :bytes
  result)                               ; the result's type

(defparameter *host-imports*
  (map 'simple-vector
       (lambda (row)
         (destructuring-bind (module name params result) row
           (make-host-import :module module :name name :params params :result result)))
       clysm::*imports*)
  "The host imports by number.")

(defun import-count ()
  "How many host imports there are."
  (length *host-imports*))

(defun host-import (number)
  "The host import of that number."
  (svref *host-imports* number))

(defun import-primitive-name (import)
  "The name of the primitive that calls an import, such as %io.write-char."
  (let ((module (host-import-module import)))
    (concatenate 'string "%" (subseq module (+ 1 (position #\: module))) "." (host-import-name import))))
