;;;; Functions: prologues, function objects and local functions. Mirrors lower/closures.rs.

(in-package :clysm-compiler)

(defun lower-function (function variable-count)
  "Lowers one function of a form with VARIABLE-COUNT variables."
  (let* ((name (function-trace-name function))
         (raw (lambda-function-raw function))
         (result (if raw (cdr raw) :object))
         (*lowerer* (make-lowerer function (make-array variable-count :initial-element nil) result))
         (code (with-code ((code-new name (parameter-types function) (value-type result)))
                 (lower-prologue function)
                 (lower-node (lambda-function-body function) :return)
                 (op :unreachable))))
    (make-lowered-function function code (and (lambda-function-escapes function) (make-function-entries function name)))))

(defun lower-prologue (function)
  "Notes where the parameters and what FUNCTION closes over are, and moves what must be elsewhere."
  (let ((local (if (lambda-function-raw function) 0 1))
        (escapes (lambda-function-escapes function)))
    (when (lambda-function-holder function)
      (setf (variable-slot (lambda-function-holder function)) :self-object))
    (dolist (variable (parameters-variables (lambda-function-parameters function)))
      (lower-bind-parameter variable local (representation-of variable))
      (incf local))
    (loop for variable in (captures function)
          for index of-type fixnum from 0
          do (cond (escapes (lower-load-captured variable index))
                   (t
                    (setf (variable-slot variable)
                          (if (cell-variable-p variable)
                              (list :cell local)
                              (list :local local (representation-of variable))))
                    (incf local))))))

(defun lower-load-captured (variable index)
  "Takes a closed-over value out of the function object."
  (code-get 0)
  (op :struct.get :function 1)
  (code-i32 index)
  (op :array.get :env)
  (setf (variable-slot variable)
        (cond ((cell-variable-p variable)
               (lower-cast :cell)
               (let ((local (code-local (ref-to :cell))))
                 (code-set local)
                 (list :cell local)))
              (t (list :local (lower-store-object) :object)))))

(defun lower-function-object (function)
  "The function object of a lambda expression or local function."
  (let ((holder (lambda-function-holder function)))
    (if holder
        (lower-convert (lower-read-variable holder) :object)
        (lower-make-function function))))

(defun lower-make-function (function)
  "Makes a function object, or refers to the one that a function without captures has."
  (let ((captures (captures function)))
    (cond ((null captures) (code-global-get (list :static-function function)))
          (t
           (code-relocate (list :code-index function))
           (dolist (variable captures)
             (lower-captured-value variable :object))
           (op :array.new_fixed :env (length captures))
           (if (lambda-function-name function)
               (code-global-get (list :symbol (lambda-function-name function)))
               (lower-nil))
           (code-i32 0)
           (op :struct.new :function)))))

(defun lower-local-functions (functions body want)
  "FLET and LABELS: makes the function objects that are needed, each visible to the others."
  (let ((escaping (remove-if-not (lambda (function)
                                   (and (lambda-function-escapes function) (lambda-function-holder function)))
                                 functions)))
    (dolist (function escaping)
      (when (cell-variable-p (lambda-function-holder function))
        (lower-nil)
        (lower-bind-cell (lambda-function-holder function))))
    (mapc #'lower-bind-function escaping)
    (lower-node body want)))

(defun lower-bind-function (function)
  "Binds the holder of FUNCTION to a new function object; a holder that lives in a cell is bound already."
  (let* ((holder (lambda-function-holder function))
         (slot (variable-slot holder)))
    (cond ((and (cell-variable-p holder) (consp slot) (eq (first slot) :cell))
           (code-get (second slot))
           (lower-make-function function)
           (op :struct.set :cell 0))
          (t
           (lower-make-function function)
           (lower-bind-object holder)))))

(defun parameter-types (function)
  "The Wasm types of the parameters of FUNCTION."
  (let* ((raw (lambda-function-raw function))
         (types (loop for variable in (parameters-variables (lambda-function-parameters function))
                      collect (if raw (value-type (representation-of variable)) :eq)))
         (captured (if (lambda-function-escapes function)
                       '()
                       (mapcar #'captured-type (captures function)))))
    (append (if raw '() (list (function-self))) types captured)))

(defun function-trace-name (function)
  "The name for stack traces: the function's own, or that of the function it is written in."
  (do ((current function (lambda-function-parent current))
       (nested nil t))
      ((null current) "toplevel")
    (when (lambda-function-name current)
      (let ((name (qualified-name (lambda-function-name current))))
        (return (if nested (concatenate 'string "(LAMBDA in " name ")") name))))))
