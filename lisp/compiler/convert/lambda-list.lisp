;;;; Ordinary lambda lists (CLHS 3.4.1).

(in-package :clysm-compiler)

(defstruct (optional-parameter (:constructor make-optional-parameter (name default supplied)) (:copier nil) (:predicate nil))
  "An &OPTIONAL parameter."
  name                                  ; the variable
  default                               ; the default form
  supplied)                             ; the supplied-p variable, or NIL

(defstruct (keyword-parameter (:constructor make-keyword-parameter (keyword parameter)) (:copier nil) (:predicate nil))
  "A &KEY parameter."
  keyword                               ; the name in calls
  parameter)                            ; the variable and its default, an optional parameter

(defstruct (lambda-list (:constructor make-lambda-list ()) (:copier nil) (:predicate nil))
  "A parsed lambda list."
  (required '())
  (optional '())
  (rest nil)                            ; the rest parameter
  (keywords '())
  (accepts-keywords nil)                ; whether &KEY occurs
  (allow-other-keys nil)                ; whether &ALLOW-OTHER-KEYS occurs
  (aux '()))                            ; (VARIABLE . FORM)

;;; The part of a lambda list that is being read is one of these numbers; parts come in this order.

(defconstant +required-part+ 0)
(defconstant +optional-part+ 1)
(defconstant +rest-part+ 2)
(defconstant +after-rest-part+ 3)
(defconstant +key-part+ 4)
(defconstant +after-key-part+ 5)
(defconstant +aux-part+ 6)

(defun lambda-keyword-part (element)
  "The part of a lambda list that begins with ELEMENT, or NIL."
  (case element
    (&optional +optional-part+)
    ((&rest &body) +rest-part+)
    (&key +key-part+)
    (&allow-other-keys +after-key-part+)
    (&aux +aux-part+)
    (t nil)))

(defun convert-lambda-list (list)
  "Parses an ordinary lambda list."
  (let ((result (make-lambda-list)) (part +required-part+))
    (dolist (element (convert-list list "lambda list"))
      (let ((next (lambda-keyword-part element)))
        (cond (next
               (check-next-part part next)
               (when (eql next +key-part+)
                 (setf (lambda-list-accepts-keywords result) t))
               (when (eql next +after-key-part+)
                 (setf (lambda-list-allow-other-keys result) t))
               (setq part next))
              (t (lambda-list-add result element part)
                 (when (eql part +rest-part+)
                   (setq part +after-rest-part+))))))
    (when (eql part +rest-part+)
      (bad-lambda-list "&REST without a variable"))
    (setf (lambda-list-required result) (nreverse (lambda-list-required result))
          (lambda-list-optional result) (nreverse (lambda-list-optional result))
          (lambda-list-keywords result) (nreverse (lambda-list-keywords result))
          (lambda-list-aux result) (nreverse (lambda-list-aux result)))
    result))

(defun check-next-part (part next)
  (when (and (eql next +after-key-part+) (not (eql part +key-part+)))
    (bad-lambda-list "&ALLOW-OTHER-KEYS without &KEY"))
  (when (or (eql part +rest-part+) (<= next part))
    (bad-lambda-list "lambda list keywords out of order")))

(defun lambda-list-add (list element part)
  "Adds the parameter ELEMENT, which stands in PART, to LIST."
  (cond ((eql part +required-part+)
         (push (convert-parameter-name element) (lambda-list-required list)))
        ((eql part +optional-part+)
         (push (convert-optional-parameter element) (lambda-list-optional list)))
        ((eql part +rest-part+)
         (setf (lambda-list-rest list) (convert-parameter-name element)))
        ((eql part +key-part+)
         (push (convert-keyword-parameter element) (lambda-list-keywords list)))
        ((eql part +aux-part+)
         (let ((parameter (convert-optional-parameter element)))
           (push (cons (optional-parameter-name parameter) (optional-parameter-default parameter))
                 (lambda-list-aux list))))
        (t (bad-lambda-list "a parameter where none may stand"))))

(defun convert-optional-parameter (element)
  "VARIABLE, or (VARIABLE [DEFAULT [SUPPLIED-P]])"
  (if (symbolp element)
      (make-optional-parameter (convert-parameter-name element) nil nil)
      (let ((parts (convert-list element "lambda list")))
        (unless (<= 1 (length parts) 3)
          (bad-lambda-list "a parameter specifier has one to three parts"))
        (make-optional-parameter (convert-parameter-name (first parts))
                                 (second parts)
                                 (and (cddr parts) (convert-parameter-name (third parts)))))))

(defun convert-keyword-parameter (element)
  "An optional parameter, or ((KEYWORD VARIABLE) [DEFAULT [SUPPLIED-P]])"
  (if (and (consp element) (consp (car element)))
      (let ((names (convert-list (car element) "lambda list")))
        (unless (and (symbolp (first names)) (eql (length names) 2))
          (bad-lambda-list "a keyword parameter is written ((keyword variable) default supplied-p)"))
        (make-keyword-parameter (first names)
                                (convert-optional-parameter (cons (second names) (cdr element)))))
      (let ((parameter (convert-optional-parameter element)))
        (make-keyword-parameter (intern (symbol-name (optional-parameter-name parameter)) :keyword) parameter))))

(defun convert-parameter-name (name)
  "NAME, if it can be a variable."
  (cond ((not (symbolp name)) (bad-lambda-list "a parameter is not a symbol"))
        ((convert-constant-p name) (bad-lambda-list (format nil "~A is a constant" (symbol-name name))))
        (t name)))

(defun bad-lambda-list (reason)
  (compile-failure :malformed "lambda list" reason))
