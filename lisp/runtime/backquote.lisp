;;;; Backquote (CLHS 2.4.6): templates with commas become calls of LIST, LIST*, CONS, APPEND, NCONC, VECTOR and APPLY, the same ones
;;;; as in the compiler's reader.

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
        ((%evaluates-to-itself-p x) (values x t))
        (t (values `(quote ,x) t))))

(defun %evaluates-to-itself-p (x)
  "Whether X, no cons, is a form for itself. A label may turn out to stand for anything."
  (if (symbolp x)
      (or (null x) (eq x t) (keywordp x))
      (not (%label-p x))))

(defun %backquote-vector (vector)
  (let ((form nil) (constant t))
    (do ((i (- (length vector) 1) (- i 1)))
        ((< i 0))
      (let ((element (svref vector i)))
        (if (%splicing-p element)
            (setq form (%backquote-splice element form)
                  constant nil)
            (multiple-value-bind (element-form element-constant) (%backquote-form element)
              (setq form (%backquote-cons element-form form)
                    constant (and constant element-constant))))))
    (if constant
        (values vector t)
        (values (%backquote-list-vector form) nil))))

(defun %backquote-list-vector (form)
  "The form that makes a vector of the elements of the list that FORM makes."
  (if (and (consp form) (eq (car form) 'list))
      `(vector ,@(cdr form))
      `(apply #'vector ,form)))

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
            (setq form (%backquote-splice element form)
                  constant nil)
            (multiple-value-bind (element-form element-constant) (%backquote-form element)
              (if (and constant element-constant)
                  (setq form `(quote ,cons))
                  (setq form (%backquote-cons element-form form)
                        constant nil))))))))

(defun %backquote-splice (comma rest)
  "The form that splices the elements of the list of COMMA's form before REST."
  (%backquote-append (if (eq (%comma-kind comma) :splice) 'append 'nconc) (%comma-form comma) rest))

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
