;;;; What the host asks of a live image beyond the codec: symbols it announces, the values of the last form.

(in-package :clysm)

(defun %intern-announced (name package-name)
  "The symbol that the compiler interned as NAME in the package of that name. The journal is silent about it, and a lock of the
package is the compiler's business."
  (let ((journal *package-journal*)
        (hash (%string-hash name))
        (package (or (find-package package-name)
                     (%error "the compiler knows a package ~A that this image does not" package-name))))
    (multiple-value-bind (symbol status) (%find-symbol name hash package)
      (unless status
        (setq *package-journal* nil
              symbol (%intern-new name hash package)
              *package-journal* journal))
      symbol)))

(defun %install-announced ()
  "Enters the symbols that were announced before there were packages."
  (dolist (entry *%announced*)
    (let* ((symbol (car entry))
           (package (find-package (cdr entry))))
      (import (list symbol) package)
      (when (eq package *keyword-package*)
        (%set symbol value symbol symbol)
        (%set-flag symbol 2)
        (export (list symbol) package))))
  (setq *%announced* nil)
  t)

(setq *%packages-ready* (%install-announced))

(defglobal *%last-values* nil)

(defun %note-values (values)
  (setq *%last-values* values))

(defun %last-values ()
  (values-list *%last-values*))

(defun %leave-out (functions macros)
  "Has the names FUNCTIONS and MACROS stand for what is not loaded: a call ends the program, whatever it handles."
  (flet ((end (&rest arguments)
           (declare (ignore arguments))
           (%end-with-report "Something was called that is not loaded." '())))
    (dolist (name functions)
      (setf (fdefinition name) #'end))
    (dolist (name macros)
      (setf (macro-function name) #'end))))

(defun %library-complete ()
  "The mark of the whole library; the linker then insists on every runtime function."
  t)
