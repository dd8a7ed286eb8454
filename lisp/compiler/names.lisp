;;;; The names the compiler knows by heart. Mirrors names.rs.

(in-package :clysm-compiler)

(defun operator-table (names)
  "A hash table from the operators NAMES to keywords."
  (let ((table (make-hash-table :test #'eq)))
    (dolist (name names table)
      (setf (gethash name table) (clysm::%keyword name)))))

(defvar *operators*
  (operator-table '(block catch eval-when flet function go if labels let let* load-time-value locally macrolet
                    multiple-value-call multiple-value-prog1 progn progv quote return-from setq symbol-macrolet tagbody the
                    throw unwind-protect
                    and case cond declaim defconstant defmacro defpackage defparameter defun defvar do do* dolist dotimes
                    in-package lambda multiple-value-bind multiple-value-list or pop prog1 prog2 psetq push return setf unless
                    when incf decf
                    clysm::defglobal clysm::%define-raw))
  "The operators with a conversion of their own: the special operators, and the macros that the library's first files need or
that occur so often that expanding them would cost more than compiling them.")

(setf (gethash 'clysm::%define-raw *operators*) :define-raw)

(defun names-operator (symbol)
  "The operator that SYMBOL names, a keyword, or NIL."
  (values (gethash symbol *operators*)))

(defun setf-symbol (symbol)
  "The symbol that stands for the function name (SETF SYMBOL)."
  (clysm::%setf-symbol symbol))

(defun setf-base (symbol)
  "NAME if SYMBOL stands for the function name (SETF NAME), or NIL."
  (clysm::%info symbol :setf-of))

(defun qualified-name (symbol)
  "The name of SYMBOL as a program in the current package would write it, for messages and stack traces."
  (let ((base (setf-base symbol))
        (package *package*))
    (if base
        (concatenate 'string "(SETF " (qualified-name base) ")")
        (with-standard-io-syntax
          (let ((*package* package))
            (prin1-to-string symbol))))))
