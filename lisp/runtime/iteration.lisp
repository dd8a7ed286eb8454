;;;; DO and its kin (CLHS 6.2).
;;;;
;;;; Each expands to (block nil (let (...) (tagbody top (if end (return ...)) body... step (go top)))) with one tag that only a
;;;; backward GO reaches, which the compiler makes a Wasm loop without dispatch. A body with tags of its own has a TAGBODY
;;;; of its own.

(in-package :clysm)

(defun %loop-statements (body)
  "The statements of an iteration body: inside a TAGBODY when there are tags among them."
  (dolist (statement body body)
    (when (atom statement)
      (return `((tagbody ,@body))))))

(defun %do-binding (spec)
  "The LET binding for a DO variable spec: a symbol or (variable [init [step]])."
  (cond ((symbolp spec) spec)
        ((and (consp spec) (symbolp (car spec)) (null (%nthcdr 3 spec)))
         (if (cdr spec)
             (list (car spec) (car (cdr spec)))
             (car spec)))
        (t (%program-error "~S is no variable of a DO" spec))))

(defun %do-steps (specs)
  "The flat list of variables and step forms among SPECS."
  (let ((steps nil))
    (dolist (spec specs (%nreverse-list steps))
      (when (and (consp spec) (cdr (cdr spec)))
        (push (car spec) steps)
        (push (car (cdr (cdr spec))) steps)))))

(defun %do-form (specs end-clause body binder stepper)
  (unless (consp end-clause)
    (%program-error "The end clause ~S of a DO is not a list with a test" end-clause))
  (multiple-value-bind (statements declarations) (%parse-body body nil)
    (let ((top (gensym))
          (steps (%do-steps specs)))
      `(block nil
         (,binder ,(mapcar #'%do-binding specs)
           ,@declarations
           (tagbody
              ,top
              (if ,(car end-clause)
                  (return-from nil (progn ,@(cdr end-clause))))
              ,@(%loop-statements statements)
              ,@(if steps `((,stepper ,@steps)) nil)
              (go ,top)))))))

(defmacro do (variables end-clause &body body)
  (%do-form variables end-clause body 'let 'psetq))

(defmacro do* (variables end-clause &body body)
  (%do-form variables end-clause body 'let* 'setq))

;; The result form is in the scope of the body's declarations, but NIL is not of every type that may be declared.
(defun %special-declarations (declarations)
  "A list of those DECLARATIONS that make variables special."
  (let ((specials nil))
    (dolist (declaration declarations (%nreverse-list specials))
      (dolist (specifier (cdr declaration))
        (when (and (consp specifier) (eq (car specifier) 'special))
          (push (list 'declare specifier) specials))))))

(defmacro dolist ((variable list &optional (result nil result-p)) &body body)
  (multiple-value-bind (statements declarations) (%parse-body body nil)
    (let ((tail (gensym)) (top (gensym)))
      `(block nil
         (let ((,tail ,list))
           (tagbody
              ,top
              (if (null ,tail)
                  (return-from nil
                    ,(if result-p
                         `(let ((,variable nil))
                            (declare (ignorable ,variable))
                            ,@(%special-declarations declarations)
                            ,result)
                         nil)))
              (let ((,variable (car ,tail)))
                ,@declarations
                ,@(%loop-statements statements))
              (setq ,tail (cdr ,tail))
              (go ,top)))))))

(defmacro dotimes ((variable count &optional result) &body body)
  (multiple-value-bind (statements declarations) (%parse-body body nil)
    (let* ((top (gensym))
           (constant (%fixnump count))
           (limit (if constant count (gensym))))
      `(block nil
         (let ((,variable 0)
               ,@(if constant nil `((,limit ,count))))
           (declare (ignorable ,variable))
           ,@declarations
           (tagbody
              ,top
              (if (>= ,variable ,limit)
                  (return-from nil ,result))
              ,@(%loop-statements statements)
              (setq ,variable (1+ ,variable))
              (go ,top)))))))
