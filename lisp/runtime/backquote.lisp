;;;; Backquote (CLHS 2.4.6): templates with commas become calls of LIST, LIST*, CONS, APPEND, NCONC and COERCE.

(in-package :clysm)

;;; A comma in a template. What an inner backquote leaves of the commas of an outer one is treated by the outer one.
(defstruct (%comma (:constructor %make-comma (kind form)) (:copier nil))
  kind                                  ; :EVAL for , :SPLICE for ,@ :NSPLICE for ,.
  form)

(defun %splicing-p (x)
  (and (%comma-p x) (not (eq (%comma-kind x) :eval))))

(defun %backquote (template)
  "The form that makes an instance of TEMPLATE."
  (values (%backquote-form template)))

(defun %backquote-form (x)
  "The form for the template X, and whether it is constant."
  (cond ((%comma-p x)
         (when (%splicing-p x) (%error "~A must be inside a list." (if (eq (%comma-kind x) :splice) ",@" ",.")))
         (values (%comma-form x) nil))
        ((consp x) (%backquote-list x))
        ((simple-vector-p x) (%backquote-vector x))
        ((or (null x) (eq x t) (keywordp x) (not (symbolp x))) (values x t))
        (t (values `(quote ,x) t))))

(defun %backquote-vector (vector)
  (multiple-value-bind (form constant) (%backquote-form (coerce vector 'list))
    (if constant
        (values vector t)
        (values `(coerce ,form 'simple-vector) nil))))

(defun %backquote-list (list)
  (let ((conses '()) (tail list) (form nil) (constant nil))
    (do () ((not (consp tail)))
      (push tail conses)
      (setq tail (cdr tail)))
    (multiple-value-setq (form constant)
      (if (null tail) (values nil t) (%backquote-form tail)))
    (dolist (cons conses (values form constant))
      (let ((element (car cons)))
        (if (%splicing-p element)
            (setq form (%backquote-append (if (eq (%comma-kind element) :splice) 'append 'nconc)
                                          (%comma-form element) form)
                  constant nil)
            (multiple-value-bind (element-form element-constant) (%backquote-form element)
              (if (and constant element-constant)
                  (setq form `(quote ,cons))
                  (setq form (%backquote-cons element-form form)
                        constant nil))))))))

(defun %backquote-append (operator form rest)
  "The form that splices the list FORM before REST."
  (cond ((and (null rest) (not (%splicing-p form))) form)
        ((null rest) (list operator form))
        ((and (consp rest) (eq (car rest) operator)) (list* operator form (cdr rest)))
        (t (list operator form rest))))

(defun %backquote-cons (form rest)
  "The form that puts the value of FORM (or, if that is a splicing comma of an outer level, its values) before REST."
  (cond ((null rest) (list 'list form))
        ((and (consp rest) (member (car rest) '(list list*) :test #'eq))
         (list* (car rest) form (cdr rest)))
        ((and (consp rest) (eq (car rest) 'cons)) (list* 'list* form (cdr rest)))
        ((%splicing-p form) (list 'list* form rest))
        (t (list 'cons form rest))))
