;;;; What changes packages and their relations: exports, imports, uses, shadowing, making and deleting (CLHS 11.2).

(in-package :clysm)

(defun %symbol-list (designator)
  "The list of symbols that DESIGNATOR, a symbol or a list of symbols, stands for. NIL is the empty list."
  (let ((symbols (if (listp designator) designator (list designator))))
    (dolist (symbol symbols symbols)
      (unless (symbolp symbol)
        (%type-error symbol 'symbol)))))

(defun %name-list (designator)
  "The list of simple strings for DESIGNATOR, a string designator or a list of those."
  (mapcar #'%package-name-string (if (listp designator) designator (list designator))))

(defun %package-list (designator)
  "The list of packages for DESIGNATOR, a package designator or a list of those."
  (mapcar #'%existing-package (if (listp designator) designator (list designator))))

(defun %names-of (packages)
  (mapcar #'%package-name packages))

(defmacro %symbol-hash (symbol)
  "The hash code of the name of SYMBOL, a variable."
  `(%string-hash (%get symbol name ,symbol)))

(defun %present-p (symbol package)
  (eq (%find-present (%get symbol name symbol) (%symbol-hash symbol) package) symbol))

(defun %shadowing-p (symbol package)
  (if (member symbol (%package-shadowing package)) t nil))

;;; Import (CLHS IMPORT, SHADOWING-IMPORT).

(defun %make-present (symbol package)
  "Makes SYMBOL, with which nothing in PACKAGE conflicts, present there."
  (unless (%present-p symbol package)
    (%check-package-lock :import package symbol)
    (%add-internal symbol package (%symbol-hash symbol))
    (unless (%get symbol package symbol)
      (%set symbol package symbol package))
    (%note :import (%package-name package) (list symbol))))

(defun import (symbols &optional (package *package*))
  (let ((package (%existing-package package)))
    (dolist (symbol (%symbol-list symbols) t)
      (multiple-value-bind (old status)
          (%find-symbol (%get symbol name symbol) (%symbol-hash symbol) package)
        (cond ((or (null status) (eq old symbol))
               (%make-present symbol package))
              ((eq (%resolve-conflict package (list old symbol)) symbol)
               (shadowing-import (list symbol) package)))))))

(defun %remove-present (symbol package)
  "Takes SYMBOL out of PACKAGE, where it is present."
  (let ((hash (%symbol-hash symbol)))
    (or (%without-symbol (%package-internal package) symbol hash)
        (%without-symbol (%package-external package) symbol hash)))
  (setf (%package-shadowing package) (remove symbol (%package-shadowing package)))
  (when (eq (%get symbol package symbol) package)
    (%set symbol package symbol nil))
  (%note :unintern (%package-name package) (list symbol)))

(defun %make-shadowing (symbol package)
  "Makes SYMBOL, present in PACKAGE, one of its shadowing symbols."
  (unless (%shadowing-p symbol package)
    (push symbol (%package-shadowing package))
    (%note :shadow (%package-name package) (list symbol))))

(defun shadowing-import (symbols &optional (package *package*))
  (let ((package (%existing-package package)))
    (dolist (symbol (%symbol-list symbols) t)
      (%check-package-lock :shadowing-import package symbol)
      (let ((old (%find-present (%get symbol name symbol) (%symbol-hash symbol) package)))
        (unless (or (eq old 0) (eq old symbol))
          (%remove-present old package)))
      (%make-present symbol package)
      (%make-shadowing symbol package))))

(defun shadow (symbol-names &optional (package *package*))
  (let ((package (%existing-package package)))
    (dolist (name (%name-list symbol-names) t)
      (%check-package-lock :shadow package name)
      (let* ((hash (%string-hash name)) (present (%find-present name hash package)))
        (%make-shadowing (if (eq present 0) (%intern-new name hash package) present)
                         package)))))

;;; Export (CLHS EXPORT, UNEXPORT).

(defun %check-accessible (symbol package)
  "Signals unless SYMBOL is accessible in PACKAGE; imports it if the error is continued from."
  (unless (%status-in symbol package)
    (%offer-import symbol package)
    (import (list symbol) package)))

(defun %check-export (symbol package)
  "Settles the conflicts that SYMBOL, when exported from PACKAGE, has with what is accessible in packages that use it."
  (dolist (user (%package-users package))
    (multiple-value-bind (other status)
        (%find-symbol (%get symbol name symbol) (%symbol-hash symbol) user)
      (unless (or (null status) (eq other symbol) (%shadowing-p other user))
        (shadowing-import (list (%resolve-conflict user (list other symbol))) user)))))

(defun %make-external (symbol package)
  (unless (eq (%status-in symbol package) :external)
    (%make-present symbol package)
    (%without-symbol (%package-internal package) symbol (%symbol-hash symbol))
    (%add-external symbol package (%symbol-hash symbol))
    (%note :export (%package-name package) (list symbol))))

(defun export (symbols &optional (package *package*))
  (let ((package (%existing-package package)) (symbols (%symbol-list symbols)))
    (dolist (symbol symbols)
      (unless (eq (%status-in symbol package) :external)
        (%check-package-lock :export package symbol))
      (%check-accessible symbol package))
    (dolist (symbol symbols)
      (unless (eq (%status-in symbol package) :external)
        (%check-export symbol package)))
    (dolist (symbol symbols t)
      (%make-external symbol package))))

(defun unexport (symbols &optional (package *package*))
  (let ((package (%existing-package package)) (symbols (%symbol-list symbols)))
    (when (and symbols (eq package *keyword-package*))
      (%package-error package "No symbol can be unexported from the package KEYWORD."))
    (dolist (symbol symbols)
      (case (%status-in symbol package)
        ((nil) (%package-error package "~S is not accessible in the package ~A." symbol (%package-name package)))
        (:external (%check-package-lock :unexport package symbol))))
    (dolist (symbol symbols t)
      (when (%without-symbol (%package-external package) symbol (%symbol-hash symbol))
        (%add-internal symbol package (%symbol-hash symbol))
        (%note :unexport (%package-name package) (list symbol))))))

;;; UNINTERN.

(defun %inherited-symbols (name hash package)
  "The different external symbols with the name NAME in the packages that PACKAGE uses."
  (let ((result nil))
    (dolist (used (%package-uses package) (nreverse result))
      (let ((symbol (%lookup (%package-external used) name hash)))
        (unless (eq symbol 0)
          (setq result (adjoin symbol result)))))))

(defun unintern (symbol &optional (package *package*))
  (%check-symbol symbol)
  (let ((package (%existing-package package)))
    (cond ((%present-p symbol package)
           (%check-package-lock :unintern package symbol)
           (%unintern-present symbol package)
           t)
          (t nil))))

(defun %unintern-present (symbol package)
  "Takes SYMBOL, which is present, out of PACKAGE, and settles the conflict that its having been a shadowing symbol prevented."
  (let* ((name (%get symbol name symbol))
         (candidates (if (%shadowing-p symbol package)
                         (%inherited-symbols name (%string-hash name) package)
                         nil)))
    (if (cdr candidates)
        (shadowing-import (list (%resolve-conflict package candidates)) package)
        (%remove-present symbol package))))

;;; USE-PACKAGE, UNUSE-PACKAGE.

(defun %check-use (package used)
  "Settles the conflicts between what is accessible in PACKAGE and the external symbols of the package USED."
  (unless (and (null (%package-uses package))
               (eql (svref (%package-internal package) 0) 0)
               (eql (svref (%package-external package) 0) 0))
    (%do-table (symbol (%package-external used))
      (multiple-value-bind (other status)
          (%find-symbol (%get symbol name symbol) (%symbol-hash symbol) package)
        (unless (or (null status) (eq other symbol) (%shadowing-p other package))
          (shadowing-import (list (%resolve-conflict package (list other symbol))) package))))))

(defun use-package (packages-to-use &optional (package *package*))
  (let ((package (%existing-package package)))
    (dolist (used (%package-list packages-to-use) t)
      (when (eq used *keyword-package*)
        (%package-error package "The package KEYWORD cannot be used."))
      (unless (or (eq used package) (member used (%package-uses package)))
        (%check-package-lock :use package used)
        (%check-use package used)
        (%new-use package used)
        (%note :use (%package-name package) (list (%package-name used)))))))

(defun unuse-package (packages-to-unuse &optional (package *package*))
  (let ((package (%existing-package package)))
    (dolist (used (%package-list packages-to-unuse) t)
      (when (member used (%package-uses package))
        (%check-package-lock :unuse package used)
        (setf (%package-uses package) (remove used (%package-uses package))
              (%package-users used) (remove package (%package-users used)))
        (%note :unuse (%package-name package) (list (%package-name used)))))))

;;; Making, renaming, deleting.

(defun %taken-name (names except)
  "The first of NAMES that another package than EXCEPT has, or NIL."
  (dolist (name names nil)
    (let ((package (find-package name)))
      (when (and package (not (eq package except)))
        (return name)))))

(defun make-package (package-name &key nicknames use)
  (let* ((name (%package-name-string package-name))
         (nicknames (remove name (remove-duplicates (%name-list nicknames) :test #'string=) :test #'string=))
         (used (%package-list use))
         (taken (%taken-name (cons name nicknames) nil)))
    (cond (taken (%offer-existing-package (find-package taken) taken))
          (t (let ((package (%new-package (copy-seq name) (mapcar #'copy-seq nicknames))))
               (%note :make-package name nicknames)
               (use-package used package)
               package)))))

(defun %set-package-names (package name nicknames)
  (dolist (old (cons (%package-name package) (%package-nicknames package)))
    (remhash old *package-names*))
  (dolist (new (cons name nicknames))
    (setf (gethash new *package-names*) package))
  (setf (%package-name package) name
        (%package-nicknames package) nicknames))

(defun rename-package (package new-name &optional new-nicknames)
  (let* ((package (%existing-package package))
         (old-name (%package-name package))
         (name (%package-name-string (if (packagep new-name) (package-name new-name) new-name)))
         (nicknames (remove name (remove-duplicates (%name-list new-nicknames) :test #'string=) :test #'string=))
         (taken (%taken-name (cons name nicknames) package)))
    (%check-package-lock :rename package name)
    (when taken
      (%package-error package "The name ~S belongs to another package." taken))
    (%set-package-names package (copy-seq name) (mapcar #'copy-seq nicknames))
    (%note :rename-package old-name name nicknames)
    package))

(defun %forget-symbols (table package)
  "Takes the home package from the symbols of TABLE that have PACKAGE as theirs."
  (%do-table (symbol table)
    (when (eq (%get symbol package symbol) package)
      (%set symbol package symbol nil))))

(defun %delete-package (package)
  (dolist (user (%package-users package))
    (unuse-package (list package) user))
  (unuse-package (%package-uses package) package)
  (%forget-symbols (%package-internal package) package)
  (%forget-symbols (%package-external package) package)
  (%note :delete-package (%package-name package))
  (dolist (name (cons (%package-name package) (%package-nicknames package)))
    (remhash name *package-names*))
  (setq *packages* (remove package *packages*))
  (setf (%package-name package) nil
        (%package-nicknames package) nil
        (%package-shadowing package) nil
        (%package-internal package) (%make-symbol-table 8)
        (%package-external package) (%make-symbol-table 8)))

(defun delete-package (package)
  (let ((found (find-package package)))
    (cond ((null found)
           (%offer-no-deletion package)
           nil)
          ((null (%package-name found)) nil)
          (t (%check-package-lock :delete found nil)
             (when (%package-users found)
               (%offer-unuse found))
             (%delete-package found)
             t))))
