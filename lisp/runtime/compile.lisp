;;;; Compilation as programs ask for it (CLHS 3.8 COMPILE, CONSTANTP; CLHS 24.1 COMPILE-FILE).

(in-package :clysm)

(defun constantp (form &optional environment)
  (declare (ignore environment))
  (cond ((symbolp form) (%constant-variable-p form))
        ((atom form) t)
        (t (eq (car form) 'quote))))

(defun %compiled-function (definition)
  "The function of a lambda expression: compiled where the host grants that, else evaluated."
  (cond ((functionp definition) definition)
        ((and (consp definition) (eq (car definition) 'lambda))
         (or (%host-compile definition)
             (eval (list 'function definition))))
        (t (%type-error definition '(or function (cons (eql lambda)))))))

(defun %definition-to-compile (name)
  (cond ((and (symbolp name) (macro-function name)))
        ((fboundp name) (fdefinition name))
        (t (%undefined-function name))))

(defun compile (name &optional (definition nil definition-p))
  (let ((function (%compiled-function (if definition-p definition (%definition-to-compile name)))))
    (cond ((null name) (values function nil nil))
          (t (if (and (symbolp name) (macro-function name))
                 (setf (macro-function name) function)
                 (setf (fdefinition name) function))
             (values name nil nil)))))

(defun compile-file (input-file &key output-file verbose print external-format)
  (declare (ignore output-file verbose print external-format))
  (%not-yet-supported "COMPILE-FILE (of ~S)" input-file))
