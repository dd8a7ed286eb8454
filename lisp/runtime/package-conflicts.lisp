;;;; The correctable errors of the package operations (CLHS 11.1.1.2.5).

(in-package :clysm)

(defun %resolve-conflict (package symbols)
  "Signals that SYMBOLS, which have one name, cannot all be accessible in PACKAGE. Returns the one that a restart chooses; CONTINUE
chooses the first."
  (restart-case
      (%package-error package "The name ~S would stand for more than one symbol in the package ~A: ~{~S~^, ~}."
                      (symbol-name (car symbols)) (%package-name package) symbols)
    (continue ()
      :report (lambda (stream) (format stream "Make ~S the one that is accessible." (car symbols)))
      (car symbols))
    (use-value (symbol)
      :report (lambda (stream) (format stream "Choose the symbol that is accessible."))
      :interactive (lambda () (%prompt-for-value (format nil "One of ~S" symbols)))
      (if (member symbol symbols)
          symbol
          (%type-error symbol `(member ,@symbols))))))

(defmacro %with-continue (report &body body)
  "Runs BODY, which signals an error, with a restart CONTINUE described by REPORT, arguments for FORMAT. Returns NIL after that."
  `(restart-case (progn ,@body)
     (continue ()
       :report (lambda (stream) (format stream ,@report))
       nil)))

(defun %offer-import (symbol package)
  (%with-continue ("Import ~S into the package ~A." symbol (%package-name package))
    (%package-error package "~S is not accessible in the package ~A." symbol (%package-name package))))

(defun %offer-existing-package (package name)
  "Signals that the package PACKAGE already has the name NAME; returns PACKAGE if continued."
  (%with-continue ("Use the package that exists.")
    (%package-error package "There is a package named ~S already." name))
  package)

(defun %offer-no-deletion (designator)
  (%with-continue ("Delete nothing.")
    (%package-error designator "There is no package named ~S to be deleted." (string designator))))

(defun %offer-unuse (package)
  (%with-continue ("Make them use it no more, and delete it.")
    (%package-error package "The package ~A is used by ~{~A~^, ~}." (%package-name package)
                    (%names-of (%package-users package)))))

(defun %symbol-to-import (name package)
  "The symbol named NAME that is accessible in PACKAGE. A correctable error if there is none, and then a new one."
  (multiple-value-bind (symbol status) (find-symbol name package)
    (cond (status symbol)
          (t (%with-continue ("Intern it there.")
               (%package-error package "There is no symbol named ~S in the package ~A." name (%package-name package)))
             (values (intern name package))))))
