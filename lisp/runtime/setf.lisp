;;;; Places (CLHS 5.1): setf expansions, the macros that read and write places, and the macros that define new kinds of place.
;;;;
;;;; The info :setf-expander of a symbol is either a function of a form and an environment that gives the five values of a setf
;;;; expansion, or (short DEFSETF) the name of an operator to call with the arguments of the place and the new value.
;;;; A function place without expander is stored by the function named (SETF name).

(in-package :clysm)

;;; Setf expansions (CLHS 5.1.1.2).

(defun %same-home-p (symbol other)
  "True when SYMBOL and OTHER have the same home package."
  (let ((home (%get symbol package symbol)))
    (and home (eq home (%get symbol package other)))))

(defun %constant-form-p (form)
  "True when FORM has the same value whenever it is evaluated, so that no order of evaluation can be seen through it."
  (cond ((consp form) (eq (car form) 'quote))
        ((symbolp form) (or (%flag-p form 2) (%same-home-p form :keyword)))
        (t t)))

(defun %temporaries (forms)
  "Three values: temporaries for the elements of FORMS that are no constants, those elements, and FORMS with the
temporaries in place."
  (let ((temporaries nil) (values nil) (arguments nil))
    (dolist (form forms)
      (if (%constant-form-p form)
          (push form arguments)
          (let ((temporary (gensym)))
            (push temporary temporaries)
            (push form values)
            (push temporary arguments))))
    (values (%nreverse-list temporaries) (%nreverse-list values) (%nreverse-list arguments))))

(defun %function-place-expansion (place)
  "The setf expansion of a call of a function NAME: the store calls #'(SETF NAME)."
  (multiple-value-bind (temporaries values arguments) (%temporaries (cdr place))
    (let ((store (gensym)))
      (values temporaries values (list store)
              `(funcall (function (setf ,(car place))) ,store ,@arguments)
              `(,(car place) ,@arguments)))))

(defun %updater-place-expansion (place updater)
  "The setf expansion of a place whose accessor has UPDATER from the short form of DEFSETF."
  (multiple-value-bind (temporaries values arguments) (%temporaries (cdr place))
    (let ((store (gensym)))
      (values temporaries values (list store)
              `(,updater ,@arguments ,store)
              `(,(car place) ,@arguments)))))

(defun %place-expander (name environment)
  "The global setf expander of NAME unless ENVIRONMENT shadows the name."
  (if (and environment (%locally-bound-p name environment))
      nil
      (%info name :setf-expander)))

(defun get-setf-expansion (place &optional environment)
  (cond ((symbolp place)
         (multiple-value-bind (expansion expanded) (macroexpand-1 place environment)
           (if expanded
               (get-setf-expansion expansion environment)
               (let ((store (gensym)))
                 (values nil nil (list store) `(setq ,place ,store) place)))))
        ((not (consp place))
         (%program-error "~S is no place" place))
        ((symbolp (car place))
         (let ((expander (%place-expander (car place) environment)))
           (cond ((null expander)
                  (multiple-value-bind (expansion expanded) (macroexpand-1 place environment)
                    (if expanded
                        (get-setf-expansion expansion environment)
                        (%function-place-expansion place))))
                 ((symbolp expander) (%updater-place-expansion place expander))
                 (t (funcall expander place environment)))))
        (t (%program-error "~S is no place" place))))

;;; SETF (CLHS 5.1.2).

(defun %bind-all (variables values body)
  "A form that binds VARIABLES to the values of the forms VALUES one after the other around the forms BODY."
  (if variables
      `(let* ,(mapcar (lambda (variable value) (list variable value)) variables values) ,@body)
      (if (cdr body) `(progn ,@body) (car body))))

(defun %bind-stores (stores form body)
  "A form that binds the variables STORES to the values of FORM around the forms BODY."
  (if (and stores (null (cdr stores)))
      `(let ((,(car stores) ,form)) ,@body)
      `(multiple-value-bind ,stores ,form ,@body)))

(defun %setf-form (place value environment)
  "The form that stores the value of the form VALUE in PLACE."
  (let ((expander (if (and (consp place) (symbolp (car place)))
                      (%place-expander (car place) environment)
                      nil)))
    (cond ((and expander (symbolp expander))
           `(,expander ,@(cdr place) ,value))
          ((and (symbolp place) (not (%symbol-macro-p place environment)))
           `(setq ,place ,value))
          (t (multiple-value-bind (temporaries values stores setter) (get-setf-expansion place environment)
               (%bind-all temporaries values (list (%bind-stores stores value (list setter)))))))))

(defmacro setf (&rest pairs &environment environment)
  (%check-pairs pairs 'setf)
  (if (and pairs (null (cdr (cdr pairs))))
      (%setf-form (car pairs) (car (cdr pairs)) environment)
      (let ((forms nil))
        (do ((tail pairs (cdr (cdr tail))))
            ((null tail) `(progn ,@(%nreverse-list forms)))
          (push (%setf-form (car tail) (car (cdr tail)) environment) forms)))))

(defmacro psetf (&rest pairs &environment environment)
  (%check-pairs pairs 'psetf)
  `(progn ,(%psetf-form pairs nil environment) nil))

(defun %psetf-form (pairs setters environment)
  "A form that evaluates the places and values of PAIRS in order, then stores by the forms SETTERS (latest first) and
those of PAIRS."
  (if (null pairs)
      `(progn ,@(%reverse-list setters))
      (multiple-value-bind (temporaries values stores setter) (get-setf-expansion (car pairs) environment)
        (%bind-all temporaries values
                   (list (%bind-stores stores (car (cdr pairs))
                                       (list (%psetf-form (cdr (cdr pairs)) (cons setter setters) environment))))))))

;;; SHIFTF and ROTATEF: every place is read before any is written.

(defun %shift-form (places stores setters last environment)
  "A form that reads each of PLACES into the STORES of the one before it, then runs SETTERS (latest first).
LAST gets the stores of the last place and gives the form whose values go there."
  (if (null places)
      (funcall last stores (%reverse-list setters))
      (multiple-value-bind (temporaries values new-stores setter getter) (get-setf-expansion (car places) environment)
        (%bind-all temporaries values
                   (list (%bind-stores stores getter
                                       (list (%shift-form (cdr places) new-stores (cons setter setters)
                                                          last environment))))))))

(defmacro shiftf (first &rest places &environment environment)
  (unless places
    (%program-error "SHIFTF wants a place and a new value"))
  (multiple-value-bind (temporaries values stores setter getter) (get-setf-expansion first environment)
    (let* ((results (%gensyms stores))
           (result (if (and results (null (cdr results))) (car results) `(values ,@results))))
      (%bind-all temporaries values
                 (list (%bind-stores results getter
                                     (list (%shift-form (%butlast-list places) stores (list setter)
                                                        (lambda (last-stores setters)
                                                          (%bind-stores last-stores (%last-element places)
                                                                        `(,@setters ,result)))
                                                        environment))))))))

(defmacro rotatef (&rest places &environment environment)
  (if (or (null places) (null (cdr places)))
      (if places `(progn ,(car places) nil) nil)
      (multiple-value-bind (temporaries values stores setter getter) (get-setf-expansion (car places) environment)
        (let ((firsts (%gensyms stores)))
          (%bind-all temporaries values
                     (list (%bind-stores firsts getter
                                         (list (%shift-form (cdr places) stores (list setter)
                                                            (lambda (last-stores setters)
                                                              (%bind-stores last-stores `(values ,@firsts)
                                                                            `(,@setters nil)))
                                                            environment)))))))))

;;; Places that hold lists (CLHS 14.2).

(defun %simple-variable-p (place environment)
  (and (symbolp place) (not (%symbol-macro-p place environment))))

(defun %modify-form (place arguments function environment)
  "A form that stores in PLACE what the form given by FUNCTION computes from the place's getter and ARGUMENTS.
The subforms of PLACE are evaluated first, then ARGUMENTS, then the place is read."
  (multiple-value-bind (temporaries values stores setter getter) (get-setf-expansion place environment)
    (multiple-value-bind (argument-temporaries argument-values arguments) (%temporaries arguments)
      (%bind-all (append temporaries argument-temporaries)
                 (append values argument-values)
                 (list (%bind-stores stores (funcall function getter arguments) (list setter)))))))

(defmacro push (object place &environment environment)
  (if (%simple-variable-p place environment)
      `(setq ,place (cons ,object ,place))
      (multiple-value-bind (item item-value arguments) (%temporaries (list object))
        (%bind-all item item-value
                   (list (%modify-form place nil
                                       (lambda (getter none)
                                         (declare (ignore none))
                                         `(cons ,(car arguments) ,getter))
                                       environment))))))

(defmacro pushnew (object place &rest keys &environment environment)
  (multiple-value-bind (item item-value arguments) (%temporaries (list object))
    (%bind-all item item-value
               (list (%modify-form place keys
                                   (lambda (getter keys)
                                     `(adjoin ,(car arguments) ,getter ,@keys))
                                   environment)))))

(defmacro pop (place &environment environment)
  (let ((list (gensym)))
    (if (%simple-variable-p place environment)
        `(let ((,list ,place))
           (setq ,place (cdr ,list))
           (car ,list))
        (multiple-value-bind (temporaries values stores setter getter) (get-setf-expansion place environment)
          (%bind-all (append temporaries (list list))
                     (append values (list getter))
                     (list `(let ((,(car stores) (cdr ,list)))
                              ,setter
                              (car ,list))))))))

(defmacro remf (place indicator &environment environment)
  (multiple-value-bind (temporaries values stores setter getter) (get-setf-expansion place environment)
    (let ((key (gensym)) (removed (gensym)))
      (%bind-all (append temporaries (list key))
                 (append values (list indicator))
                 (list `(multiple-value-bind (,(car stores) ,removed) (%remf ,getter ,key)
                          ,setter
                          ,removed))))))

(defun %remf (plist indicator)
  "Two values: PLIST, without its first INDICATOR and the value, destructively; whether it had one."
  (let ((before nil))
    (do ((tail plist (cdr (cdr tail))))
        ((null tail) (values plist nil))
      (unless (and (consp tail) (consp (cdr tail)))
        (%type-error plist 'list))
      (when (eq (car tail) indicator)
        (let ((after (cdr (cdr tail))))
          (cond (before
                 (rplacd before after)
                 (return (values plist t)))
                (t (return (values after t))))))
      (setq before (cdr tail)))))

;;; Numbers in places (CLHS 12.2).

(defun %step-form (place delta operator environment)
  (if (and (%simple-variable-p place environment) (or (%constant-form-p delta) (%simple-variable-p delta environment)))
      `(setq ,place (,operator ,place ,delta))
      (%modify-form place (list delta)
                    (lambda (getter arguments) `(,operator ,getter ,(car arguments)))
                    environment)))

(defmacro incf (place &optional (delta 1) &environment environment)
  (%step-form place delta '+ environment))

(defmacro decf (place &optional (delta 1) &environment environment)
  (%step-form place delta '- environment))

;;; DEFINE-MODIFY-MACRO, DEFINE-SETF-EXPANDER, DEFSETF.

(defun %modify-macro-arguments (lambda-list)
  "Two values for the lambda list of a modify macro: its variables before &REST, and the &REST variable or NIL."
  (multiple-value-bind (required optional rest-p rest key-p) (%split-lambda-list lambda-list)
    (declare (ignore rest-p))
    (when key-p
      (%program-error "&KEY is not allowed in the lambda list ~S of DEFINE-MODIFY-MACRO" lambda-list))
    (values (append required
                    (mapcar (lambda (parameter) (if (consp parameter) (car parameter) parameter)) optional))
            rest)))

(defmacro define-modify-macro (name lambda-list function &optional documentation)
  (multiple-value-bind (variables rest) (%modify-macro-arguments lambda-list)
    (let ((place (gensym)) (environment (gensym)))
      `(defmacro ,name (,place ,@lambda-list &environment ,environment)
         ,@(if documentation (list documentation) nil)
         (%modify-form ,place (list* ,@variables ,rest)
                       (lambda (getter arguments) (list* ',function getter arguments))
                       ,environment)))))

(defun %set-setf-expander (name expander)
  "Makes EXPANDER, a function or the name of an updater, the way to store in places (NAME ...). Returns NAME."
  (unless (symbolp name)
    (%type-error name 'symbol))
  (%note-facts name)
  (%set-info name :setf-expander expander)
  name)

(defun %setf-expander-form (name expander documentation)
  `(progn
     (eval-when (:compile-toplevel :load-toplevel :execute)
       (%set-setf-expander ',name ,expander)
       ,@(%documentation-forms name 'setf documentation))
     ',name))

(defmacro define-setf-expander (name lambda-list &body body)
  (multiple-value-bind (forms declarations documentation) (%parse-body body t)
    (declare (ignore forms declarations))
    (%setf-expander-form name (%parse-macro name lambda-list body) documentation)))

(defun %expand-long-defsetf (form environment store-count expander)
  "The setf expansion of the place FORM by the function EXPANDER of a long DEFSETF, which takes the list of store variables, the
place with temporaries for its arguments, and ENVIRONMENT."
  (multiple-value-bind (temporaries values arguments) (%temporaries (cdr form))
    (let ((stores (%gensyms (%iota store-count)))
          (place (cons (car form) arguments)))
      (values temporaries values stores (funcall expander stores place environment) place))))

(defun %long-defsetf-form (name lambda-list stores body)
  (let ((store-list (gensym)) (form (gensym)) (environment (gensym)) (place (gensym)))
    (multiple-value-bind (forms declarations documentation) (%parse-body body t)
      (multiple-value-bind (bindings temporaries)
          (%destructuring-bindings lambda-list place `(cdr ,place) name nil environment)
        (%setf-expander-form
         name
         `(lambda (,form ,environment)
            (%expand-long-defsetf
             ,form ,environment ,(%list-length stores)
             (lambda (,store-list ,place ,environment)
               (declare (ignorable ,store-list ,environment))
               (let* (,@(mapcar (lambda (store) `(,store (pop ,store-list))) stores)
                      ,@bindings)
                 (declare (ignorable ,@temporaries))
                 ,@declarations
                 (block ,name ,@forms)))))
         documentation)))))

(defmacro defsetf (access-function &rest definition)
  (cond ((and (consp definition) (listp (car definition)) (consp (cdr definition)))
         (%long-defsetf-form access-function (car definition) (car (cdr definition)) (cdr (cdr definition))))
        ((and (consp definition) (car definition) (symbolp (car definition)))
         (%setf-expander-form access-function `',(car definition) (car (cdr definition))))
        (t (%program-error "Malformed DEFSETF of ~S" access-function))))

;;; The standard places that are no function calls (CLHS 5.1.2.2-5.1.2.9).

(define-setf-expander getf (place indicator &optional (default nil default-p) &environment environment)
  (multiple-value-bind (temporaries values stores setter getter) (get-setf-expansion place environment)
    (let ((key (gensym)) (unused (gensym)) (store (gensym)))
      (values `(,@temporaries ,key ,@(if default-p `(,unused) nil))
              `(,@values ,indicator ,@(if default-p `(,default) nil))
              (list store)
              `(let ((,(car stores) (%putf ,getter ,key ,store)))
                 ,@(if default-p `((declare (ignorable ,unused))) nil)
                 ,setter
                 ,store)
              `(getf ,getter ,key ,@(if default-p `(,unused) nil))))))

(defun %putf (plist indicator value)
  "PLIST with VALUE under INDICATOR: changed in place when it is there, else a longer list."
  (do ((tail plist (cdr (cdr tail))))
      ((null tail) (list* indicator value plist))
    (unless (and (consp tail) (consp (cdr tail)))
      (%type-error plist 'list))
    (when (eq (car tail) indicator)
      (rplaca (cdr tail) value)
      (return plist))))

(defun %byte-place-expansion (bytespec place reader writer environment)
  "The setf expansion of (READER BYTESPEC PLACE): WRITER computes the new integer."
  (multiple-value-bind (temporaries values stores setter getter) (get-setf-expansion place environment)
    (let ((spec (gensym)) (store (gensym)))
      (values `(,spec ,@temporaries)
              `(,bytespec ,@values)
              (list store)
              `(let ((,(car stores) (,writer ,store ,spec ,getter)))
                 ,setter
                 ,store)
              `(,reader ,spec ,getter)))))

(define-setf-expander ldb (bytespec place &environment environment)
  (%byte-place-expansion bytespec place 'ldb 'dpb environment))

(define-setf-expander mask-field (bytespec place &environment environment)
  (%byte-place-expansion bytespec place 'mask-field 'deposit-field environment))

(define-setf-expander the (type place &environment environment)
  (multiple-value-bind (temporaries values stores setter getter) (get-setf-expansion place environment)
    (let ((new-stores (%gensyms stores)))
      (values temporaries values new-stores
              (%bind-stores stores
                            `(the ,type ,(if (and new-stores (null (cdr new-stores)))
                                             (car new-stores)
                                             `(values ,@new-stores)))
                            (list setter))
              `(the ,type ,getter)))))

(define-setf-expander values (&rest places &environment environment)
  (let ((temporaries nil) (values nil) (stores nil) (setters nil) (getters nil))
    (dolist (place places)
      (multiple-value-bind (place-temporaries place-values place-stores setter getter)
          (get-setf-expansion place environment)
        (setq temporaries (append temporaries place-temporaries)
              values (append values place-values))
        (push (car place-stores) stores)
        ;; A place with several stores takes one value here; its others become NIL (CLHS 5.1.2.3).
        (push (if (cdr place-stores)
                  `(let ,(cdr place-stores) ,setter)
                  setter)
              setters)
        (push getter getters)))
    (values temporaries values (%nreverse-list stores)
            `(values ,@(%nreverse-list setters))
            `(values ,@(%nreverse-list getters)))))

(define-setf-expander apply (function &rest arguments)
  (unless (and (consp function)
               (eq (car function) 'function)
               (symbolp (car (cdr function)))
               (car (cdr function))
               arguments)
    (%program-error "Only (APPLY #'NAME ...) is a place, not ~S" `(apply ,function ,@arguments)))
  (multiple-value-bind (temporaries values arguments) (%temporaries arguments)
    (let ((store (gensym)))
      (values temporaries values (list store)
              `(apply (function (setf ,(car (cdr function)))) ,store ,@arguments)
              `(apply ,function ,@arguments)))))
