;;;; Macros about packages: IN-PACKAGE, DEFPACKAGE, the iteration over symbols; APROPOS (CLHS 11.2).

(in-package :clysm)

(defun %in-package (name)
  "Makes the package with the name NAME the current one."
  (setq *package* (%existing-package name))
  *package*)

(defmacro in-package (name)
  `(eval-when (:compile-toplevel :load-toplevel :execute)
     (%in-package ,(string name))))

;;; Lists of symbols. What the iterations go through is determined when they start, so that their bodies may do as they like.

(defun %table-symbols (table result)
  "RESULT with the symbols of TABLE in front."
  (%do-table (symbol table)
    (push symbol result))
  result)

(defun %inherited-table-symbols (package used result)
  "RESULT with the external symbols of the package USED that are inherited by PACKAGE in front."
  (%do-table (symbol (%package-external used))
    (when (eq (%status-in symbol package) :inherited)
      (push symbol result)))
  result)

(defun %external-symbols (package)
  (%table-symbols (%package-external (%existing-package package)) nil))

(defun %present-symbols (package)
  (%table-symbols (%package-internal package) (%table-symbols (%package-external package) nil)))

(defun %accessible-symbols (package)
  (let* ((package (%existing-package package)) (result (%present-symbols package)))
    (dolist (used (%package-uses package) result)
      (setq result (%inherited-table-symbols package used result)))))

(defun %all-symbols ()
  "The symbols that are present in any package; those that are present in their home package only once."
  (let ((result nil))
    (dolist (package *packages* result)
      (dolist (symbol (%present-symbols package))
        (when (or (eq (%get symbol package symbol) package)
                  (not (%present-at-home-p symbol)))
          (push symbol result))))))

(defun %present-at-home-p (symbol)
  "True if SYMBOL has a home package and is present there."
  (let ((home (%get symbol package symbol)))
    (and home (%present-p symbol home))))

(defmacro do-symbols ((variable &optional (package '*package*) (result nil)) &body body)
  `(dolist (,variable (%accessible-symbols ,package) ,result) ,@body))

(defmacro do-external-symbols ((variable &optional (package '*package*) (result nil)) &body body)
  `(dolist (,variable (%external-symbols ,package) ,result) ,@body))

(defmacro do-all-symbols ((variable &optional (result nil)) &body body)
  `(dolist (,variable (%all-symbols) ,result) ,@body))

;;; WITH-PACKAGE-ITERATOR. The state of an iterator is a cons of the entries (symbol status package) that are still to come.

(defun %iterator-entries (symbols status package result)
  (dolist (symbol symbols result)
    (push (list symbol status package) result)))

(defun %package-iterator (designators internal external inherited)
  "An iterator over the symbols of the wanted kinds in the packages that DESIGNATORS, a package designator or a list, stand for."
  (let ((result nil))
    (dolist (package (%package-list designators) (list result))
      (when internal
        (setq result (%iterator-entries (%table-symbols (%package-internal package) nil) :internal package result)))
      (when external
        (setq result (%iterator-entries (%external-symbols package) :external package result)))
      (when inherited
        (dolist (used (%package-uses package))
          (setq result (%iterator-entries (%inherited-table-symbols package used nil) :inherited package result)))))))

(defun %next-symbol (iterator)
  (let ((entry (pop (car iterator))))
    (if entry
        (values t (first entry) (second entry) (third entry))
        nil)))

(defmacro with-package-iterator ((name package-list-form &rest symbol-types) &body body)
  (when (null symbol-types)
    (%program-error "WITH-PACKAGE-ITERATOR needs at least one kind of symbols."))
  (dolist (type symbol-types)
    (unless (member type '(:internal :external :inherited))
      (%program-error "~S is no kind of symbols for WITH-PACKAGE-ITERATOR." type)))
  (let ((iterator (gensym)))
    (flet ((wanted (type) (if (member type symbol-types) t nil)))
      `(let ((,iterator (%package-iterator ,package-list-form ,(wanted :internal) ,(wanted :external) ,(wanted :inherited))))
         (macrolet ((,name () '(%next-symbol ,iterator)))
           ,@body)))))

;;; DEFPACKAGE.

(defun %package-option (key options)
  "The strings given in all options KEY among OPTIONS, in order."
  (let ((result nil))
    (dolist (option options (nreverse result))
      (when (eq (car option) key)
        (dolist (name (cdr option))
          (push (%package-name-string (if (packagep name) (package-name name) name)) result))))))

(defun %import-options (key options)
  "A list (package-name symbol-name ...) for each option KEY among OPTIONS."
  (let ((result nil))
    (dolist (option options (nreverse result))
      (when (eq (car option) key)
        (push (mapcar #'%package-name-string (cdr option)) result)))))

(defun %check-package-options (options)
  "Signals unless OPTIONS are known and, where only one is allowed, given once."
  (dolist (option options)
    (unless (and (consp option)
                 (member (car option) '(:nicknames :documentation :use :shadow :shadowing-import-from :import-from :export
                                        :intern :size)))
      (%program-error "~S is no option of DEFPACKAGE." option)))
  (dolist (key '(:size :documentation))
    (when (> (count key options :key #'car) 1)
      (%program-error "The option ~S of DEFPACKAGE is given more than once." key))))

(defun %check-disjoint (name-lists)
  "Signals if a name occurs in two of the lists NAME-LISTS, or twice in one of those made from imports."
  (do ((tail name-lists (cdr tail)))
      ((null tail))
    (dolist (other (cdr tail))
      (let ((common (intersection (car tail) other :test #'string=)))
        (when common
          (%program-error "The name ~S is in two options of DEFPACKAGE that exclude each other." (car common)))))))

(defun %imported-names (imports)
  (mapcan (lambda (import) (copy-list (cdr import))) imports))

(defmacro defpackage (name &rest options)
  (%check-package-options options)
  (let ((shadow (%package-option :shadow options))
        (intern (%package-option :intern options))
        (export (%package-option :export options))
        (imports (%import-options :import-from options))
        (shadowing-imports (%import-options :shadowing-import-from options)))
    (%check-disjoint (list shadow intern (%imported-names imports) (%imported-names shadowing-imports)))
    (%check-disjoint (list intern export))
    `(eval-when (:compile-toplevel :load-toplevel :execute)
       (%defpackage ,(%package-name-string name)
                    ',(%package-option :nicknames options)
                    ',(if (assoc :use options) (%package-option :use options) :default)
                    ',shadow ',shadowing-imports ',imports ',intern ',export
                    ',(cadr (assoc :documentation options))))))

(defun %ensure-package (name nicknames)
  "The package named NAME, made if there is none, with the NICKNAMES added."
  (let ((package (find-package name)))
    (when package
      (%check-package-lock :defpackage package nil))
    (cond ((null package) (make-package name :nicknames nicknames))
          ((null (set-difference nicknames (%package-nicknames package) :test #'string=)) package)
          (t (rename-package package (%package-name package)
                             (union nicknames (%package-nicknames package) :test #'string=))))))

(defun %adjust-uses (package names)
  "Makes PACKAGE use exactly the packages named NAMES."
  (let ((wanted (%package-list names)))
    (unuse-package (set-difference (%package-uses package) wanted) package)
    (use-package wanted package)))

(defun %defpackage (name nicknames use shadow shadowing-imports imports interns exports documentation)
  "Makes the package NAME what the arguments say, in the order of CLHS DEFPACKAGE. USE is :DEFAULT if the option was not given."
  (let ((package (%ensure-package name nicknames)))
    (when documentation
      (setf (documentation package t) documentation))
    (shadow shadow package)
    (dolist (import shadowing-imports)
      (let ((from (%existing-package (car import))))
        (dolist (symbol-name (cdr import))
          (shadowing-import (list (%symbol-to-import symbol-name from)) package))))
    (unless (eq use :default)
      (%adjust-uses package use))
    (dolist (import imports)
      (let ((from (%existing-package (car import))))
        (dolist (symbol-name (cdr import))
          (import (list (%symbol-to-import symbol-name from)) package))))
    (dolist (symbol-name interns)
      (intern symbol-name package))
    (export (mapcar (lambda (symbol-name) (values (intern symbol-name package))) exports) package)
    package))

;;; Looking symbols up by name in all packages.

(defun find-all-symbols (designator)
  (let* ((name (%package-name-string designator)) (hash (%string-hash name)) (result nil))
    (dolist (package *packages* result)
      (let ((symbol (%find-present name hash package)))
        (unless (eq symbol 0)
          (setq result (adjoin symbol result)))))))

(defun apropos-list (string &optional package)
  (let ((part (string string)))
    (remove-duplicates
     (remove-if-not (lambda (symbol) (search part (symbol-name symbol) :test #'char-equal))
                    (if package (%accessible-symbols package) (%all-symbols))))))

(defun apropos (string &optional package)
  (dolist (symbol (sort (apropos-list string package) #'string<))
    (format t "~&~S~:[~; (bound)~]~:[~; (function)~]~%" symbol (boundp symbol) (fboundp symbol)))
  (values))
