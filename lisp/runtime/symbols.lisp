;;;; Symbols (CLHS 10). GENSYM is in base.lisp, INTERN and its like in packages.lisp.

(in-package :clysm)

;;; A package from the moment that packages.lisp is loaded.
(defvar *package* nil)
(defglobal *packages* nil)              ; newest first

(declaim (inline %home-package))
(defun %home-package (symbol)
  "The home package of SYMBOL, or NIL. A program that asks has the packages set up."
  (%mention '*packages*)
  (%get symbol package symbol))

(defun symbolp (object)
  (%is symbol object))

(declaim (inline %check-symbol))
(defun %check-symbol (object)
  "Signals unless OBJECT is a symbol."
  (unless (%is symbol object)
    (%type-error object 'symbol)))

(defun keywordp (object)
  (and (%is symbol object)
       (let ((home (%home-package object)))
         (and home (eq home (%home-package :keyword))))))

(defun symbol-name (symbol)
  (%check-symbol symbol)
  ;; Where programs are not trusted, none gets at the name that others see.
  (let ((name (%get symbol name symbol)))
    (if *%sealed* (copy-seq name) name)))

(defun symbol-package (symbol)
  (%check-symbol symbol)
  (%home-package symbol))

;;; The value cell.

(defun symbol-value (symbol)
  (%check-symbol symbol)
  (let ((value (%get symbol value symbol)))
    (if (eq value (%unbound))
        (%unbound-variable symbol)
        value)))

(defun set (symbol value)
  (%check-value-cell :value symbol)
  (%set symbol value symbol value)
  value)

(defun (setf symbol-value) (value symbol)
  (set symbol value))

(defun boundp (symbol)
  (%check-symbol symbol)
  (not (eq (%get symbol value symbol) (%unbound))))

(defun makunbound (symbol)
  (%check-value-cell :no-value symbol)
  (%set symbol value symbol (%unbound))
  symbol)

;;; The function cell. For a macro or a special operator it holds a function that signals UNDEFINED-FUNCTION when called.

(defun symbol-function (symbol)
  (%check-symbol symbol)
  (let ((function (%get symbol function symbol)))
    (if (and (%undefined-function-p function) (not (fboundp symbol)))
        (%undefined-function-called symbol)
        function)))

(defun (setf symbol-function) (function symbol)
  (%check-symbol symbol)
  (%set-fdefinition symbol function)
  function)

;;; The property list.

(defun symbol-plist (symbol)
  (%check-symbol symbol)
  (%get symbol plist symbol))

(defun (setf symbol-plist) (plist symbol)
  (%check-symbol symbol)
  (unless (listp plist)
    (%type-error plist 'list))
  (%set symbol plist symbol plist)
  plist)

(defun get (symbol indicator &optional default)
  (%check-symbol symbol)
  (getf (%get symbol plist symbol) indicator default))

(defun (setf get) (value symbol indicator &optional default)
  (declare (ignore default))
  (%check-symbol symbol)
  (%set symbol plist symbol (%putf (%get symbol plist symbol) indicator value))
  value)

(defun remprop (symbol indicator)
  (%check-symbol symbol)
  (multiple-value-bind (plist removed) (%remf (%get symbol plist symbol) indicator)
    (%set symbol plist symbol plist)
    removed))

;;; Making symbols.

(defun make-symbol (name)
  (unless (stringp name)
    (%type-error name 'string))
  (%make-symbol (%simple-string name)))

(defun %copy-definitions (from to)
  "Gives the symbol TO the value, the function or macro definition and the properties of FROM."
  (let ((function (%get symbol function from)))
    (%set symbol value to (%get symbol value from))
    (cond ((%flag-p from 4) (%set-macro-function to (%info from :macro)))
          ((not (%undefined-function-p function)) (%set-fdefinition to function)))
    (%set symbol plist to (copy-list (%get symbol plist from)))))

(defun copy-symbol (symbol &optional copy-properties)
  (%check-symbol symbol)
  (let ((copy (%make-symbol (%get symbol name symbol))))
    (when copy-properties
      (%copy-definitions symbol copy))
    copy))

(defglobal *gentemp-counter* 0)

(defun gentemp (&optional (prefix "T") (package *package*))
  (unless (stringp prefix)
    (%type-error prefix 'string))
  (let ((prefix (%simple-string prefix)))
    (do () (nil)
      (setq *gentemp-counter* (+ *gentemp-counter* 1))
      (let ((name (%string-append prefix (%decimal-string *gentemp-counter*))))
        (multiple-value-bind (symbol status) (find-symbol name package)
          (declare (ignore symbol))
          (unless status
            (return (values (intern name package)))))))))
