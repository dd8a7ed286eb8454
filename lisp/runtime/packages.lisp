;;;; Packages: their symbol tables, names, INTERN and FIND-SYMBOL (CLHS 11.1, 11.2). What relates packages to each other is in
;;;; package-relations.lisp, conflicts of names in package-conflicts.lisp, macros in package-macros.lisp.
;;;;
;;;; While there is a *PACKAGE-JOURNAL*, every change is put in it, so that whoever keeps a copy of the packages
;;;; outside the image can replay it. Names are strings, symbols are symbols:
;;;;   (:make-package NAME NICKNAMES)                   (:rename-package OLD-NAME NEW-NAME NICKNAMES)
;;;;   (:delete-package NAME)
;;;;   (:intern NAME SYMBOLS)                           new symbols, in their home package; external if that is KEYWORD
;;;;   (:import NAME SYMBOLS)                           now present in the package; home package if they had none
;;;;   (:export NAME SYMBOLS)  (:unexport NAME SYMBOLS) external or internal from now on; exported symbols may have to be imported
;;;;   (:shadow NAME SYMBOLS)                           present already, now also shadowing symbols
;;;;   (:unintern NAME SYMBOLS)                         not present any more, nor shadowing; no home package if this was it
;;;;   (:use NAME USED-NAMES)  (:unuse NAME USED-NAMES)
;;;; One operation may make several entries. The journal is part of the next message to the host: see codec.lisp.

(in-package :clysm)

(defglobal *package-journal* nil)       ; the function that keeps the journal: of an entry, a fresh list

(defmacro %note (kind &rest arguments)
  "Puts an entry in the journal if one is kept; ARGUMENTS are evaluated only then."
  `(when *package-journal*
     (%funcall *package-journal* (list ,kind ,@arguments))))

(defstruct (package (:conc-name nil) (:copier nil) (:predicate packagep)
                    (:constructor %make-package (%package-name %package-nicknames %package-internal %package-external)))
  %package-name                         ; NIL once it is deleted
  %package-nicknames
  (%package-uses nil)
  (%package-users nil)
  (%package-shadowing nil)
  %package-internal                     ; the symbol tables
  %package-external
  (%package-lock nil))                  ; NIL, or a kind of lock: see locks.lisp

(defun %check-package-lock (operation package subject)
  "Signals if PACKAGE is locked, so that OPERATION, a keyword, must not change it. SUBJECT is what is to be entered in it, taken out
of it or made of it: a symbol, a name or a package."
  (when *%lock-guard*
    (%funcall *%lock-guard* operation subject package)))

;;; Symbol tables: open addressing in simple-vectors. Element 0 is the number of symbols, element 1 that of the slots in use, the
;;; slots follow, a power of two of them. A slot holds a symbol, or 0 when it is free, or 1 when its symbol was removed.

(defun %make-symbol-table (slots)
  (%array-new simple-vector (+ slots 2) 0))

(defmacro %slot-mask (table)
  `(%i32.sub (%array-length simple-vector ,table) 3))

(defun %lookup (table name hash)
  "The symbol in TABLE named by the simple string NAME, whose hash code is HASH, or 0."
  (let* ((mask (%slot-mask table)) (i (%i32.and (%i32 hash) mask)))
    (do () (nil)
      (let ((found (%array-ref simple-vector table (%i32.add i 2))))
        (when (or (eq found 0)
                  (and (%is symbol found) (%strings-equal (%get symbol name found) name)))
          (return found)))
      (setq i (%i32.and (%i32.add i 1) mask)))))

(defun %place-symbol (table symbol hash)
  "Stores SYMBOL in the first free slot for HASH."
  (let* ((mask (%slot-mask table)) (i (%i32.and (%i32 hash) mask)))
    (do ()
        ((eq (%array-ref simple-vector table (%i32.add i 2)) 0)
         (%array-set simple-vector table (%i32.add i 2) symbol))
      (setq i (%i32.and (%i32.add i 1) mask)))))

(defmacro %do-table ((symbol table) &body body)
  "Runs BODY with SYMBOL bound to each symbol in TABLE."
  (let ((vector (gensym)) (i (gensym)))
    `(let ((,vector ,table))
       (do ((,i (%i32 2) (%i32.add ,i 1)))
           ((%i32.ge_s ,i (%array-length simple-vector ,vector)))
         (let ((,symbol (%array-ref simple-vector ,vector ,i)))
           (when (%is symbol ,symbol)
             ,@body))))))

(defun %symbol-table-for (count)
  "An empty table with room for COUNT symbols, and for as many more."
  (let ((slots 8))
    (do ()
        ((> slots (* 3 count)))
      (setq slots (* slots 2)))
    (%make-symbol-table slots)))

(defun %rebuilt-table (table)
  "A table with the symbols of TABLE, and room for as many more."
  (let* ((count (svref table 0))
         (new (%symbol-table-for count)))
    (%do-table (symbol table)
      (%place-symbol new symbol (%string-hash (%get symbol name symbol))))
    (setf (svref new 0) count
          (svref new 1) count)
    new))

(defun %with-symbol (table symbol hash)
  "TABLE with SYMBOL, which it does not have yet, or the table that takes its place for want of room."
  (when (%i32.gt_s (%i32.mul 4 (%i32.add (%array-ref simple-vector table 1) 1))
                   (%i32.mul 3 (%i32.sub (%array-length simple-vector table) 2)))
    (setq table (%rebuilt-table table)))
  (%place-symbol table symbol hash)
  (%array-set simple-vector table 0 (%fixnum (%i32.add (%array-ref simple-vector table 0) 1)))
  (%array-set simple-vector table 1 (%fixnum (%i32.add (%array-ref simple-vector table 1) 1)))
  table)

(defun %without-symbol (table symbol hash)
  "Removes SYMBOL from TABLE. True if it was there."
  (let* ((mask (%slot-mask table)) (i (%i32.and (%i32 hash) mask)))
    (do () (nil)
      (let ((found (%array-ref simple-vector table (%i32.add i 2))))
        (when (eq found 0)
          (return nil))
        (when (eq found symbol)
          (%array-set simple-vector table (%i32.add i 2) 1)
          (setf (svref table 0) (- (svref table 0) 1))
          (return t)))
      (setq i (%i32.and (%i32.add i 1) mask)))))

(defun %add-internal (symbol package hash)
  (setf (%package-internal package) (%with-symbol (%package-internal package) symbol hash)))

(defun %add-external (symbol package hash)
  (setf (%package-external package) (%with-symbol (%package-external package) symbol hash)))

;;; Package names.

(defglobal *package-names* (make-hash-table :test 'equal))   ; names and nicknames

(defun %package-name-string (designator)
  "The simple string that the string designator DESIGNATOR stands for."
  (%simple-string (string designator)))

(defun find-package (name)
  (if (packagep name)
      name
      (values (gethash (%package-name-string name) *package-names*))))

(defun %existing-package (designator)
  "The package that DESIGNATOR stands for. PACKAGE-ERROR if there is none."
  (let ((package (find-package designator)))
    (cond ((null package) (%package-error designator "There is no package named ~S." (string designator)))
          ((null (%package-name package)) (%package-error package "The package has been deleted."))
          (t package))))

(defun list-all-packages ()
  (reverse *packages*))

;; Packages are known by their names outside the image too, so programs don't get the strings themselves.
(defun package-name (package)
  (let ((name (%package-name (if (packagep package) package (%existing-package package)))))
    (if name (copy-seq name) nil)))

(defun package-nicknames (package)
  (mapcar #'copy-seq (%package-nicknames (%existing-package package))))

(defun package-use-list (package)
  (copy-list (%package-uses (%existing-package package))))

(defun package-used-by-list (package)
  (copy-list (%package-users (%existing-package package))))

(defun package-shadowing-symbols (package)
  (copy-list (%package-shadowing (%existing-package package))))

(defun %new-package (name nicknames)
  "A package with these names, which are free, that uses no other."
  (let ((package (%make-package name nicknames (%make-symbol-table 8) (%make-symbol-table 8))))
    (dolist (each (cons name nicknames))
      (setf (gethash each *package-names*) package))
    (push package *packages*)
    package))

(defun %new-use (package used)
  "Enters that PACKAGE uses the package USED."
  (unless (member used (%package-uses package))
    (setf (%package-uses package) (append (%package-uses package) (list used))
          (%package-users used) (cons package (%package-users used)))))

;;; Finding and interning (CLHS FIND-SYMBOL, INTERN).

(defun %find-symbol (name hash package)
  "FIND-SYMBOL for the simple string NAME with the hash code HASH."
  (let ((internal (%lookup (%package-internal package) name hash)))
    (if (not (eq internal 0))
        (values internal :internal)
        (let ((external (%lookup (%package-external package) name hash)))
          (if (not (eq external 0))
              (values external :external)
              (dolist (used (%package-uses package) (values nil nil))
                (let ((inherited (%lookup (%package-external used) name hash)))
                  (unless (eq inherited 0)
                    (return (values inherited :inherited))))))))))

(defun %find-present (name hash package)
  "The symbol named NAME that is present in PACKAGE, or 0."
  (let ((internal (%lookup (%package-internal package) name hash)))
    (if (eq internal 0)
        (%lookup (%package-external package) name hash)
        internal)))

(defun %status-in (symbol package)
  "How SYMBOL is accessible in PACKAGE, or NIL."
  (multiple-value-bind (found status)
      (%find-symbol (%get symbol name symbol) (%string-hash (%get symbol name symbol)) package)
    (if (and status (eq found symbol)) status nil)))

(defun find-symbol (string &optional (package *package*))
  (unless (stringp string)
    (%type-error string 'string))
  (let ((name (%simple-string string)))
    (%find-symbol name (%string-hash name) (%existing-package package))))

(defglobal *keyword-package* nil)

(defun %become-keyword (symbol)
  "Makes SYMBOL the constant that is itself."
  (%set symbol value symbol symbol)
  (%set-flag symbol 3))

(defun %intern-new (name hash package)
  "A new symbol with the name NAME in PACKAGE."
  (let ((symbol (%make-symbol name)))
    (%set symbol package symbol package)
    (cond ((eq package *keyword-package*)
           (%become-keyword symbol)
           (%add-external symbol package hash))
          (t (%add-internal symbol package hash)))
    (%note :intern (%package-name package) (list symbol))
    symbol))

(defun intern (string &optional (package *package*))
  (unless (stringp string)
    (%type-error string 'string))
  (let* ((name (%simple-string string))
         (hash (%string-hash name))
         (package (%existing-package package)))
    (multiple-value-bind (symbol status) (%find-symbol name hash package)
      (cond (status (values symbol status))
            (t (%check-package-lock :intern package name)
               (values (%intern-new name hash package) nil))))))

;;; The symbols and packages that were compiled into the module.

(defun %install-package (description)
  "Makes the package described by DESCRIPTION, a vector of its name, its nicknames and the names of what it uses."
  (let ((name (svref description 0)))
    (or (find-package name)
        (%new-package name (svref description 1)))))

(defun %count-symbols (symbols packages)
  "For each of so many PACKAGES, how many internal and how many external ones of SYMBOLS, as %INSTALL-SYMBOLS takes them, are at home
there: a vector of two elements each."
  (let ((n (%array-length simple-vector symbols))
        (counts (%array-new simple-vector (%i32.mul packages 2) 0)))
    (do ((i (%i32 0) (%i32.add i 3)))
        ((%i32.ge_s i n) counts)
      (let ((home (%array-ref simple-vector symbols (%i32.add i 1))))
        (when home
          (let ((place (%i32.add (%i32.mul home 2)
                                 (if (%array-ref simple-vector symbols (%i32.add i 2)) (%i32 1) (%i32 0)))))
            (%array-set simple-vector counts place
                        (%fixnum (%i32.add (%array-ref simple-vector counts place) 1)))))))))

(defun %reserve-symbols (packages symbols)
  "Gives PACKAGES that have no symbols yet tables in which there is room for SYMBOLS."
  (let ((counts (%count-symbols symbols (length packages))))
    (dotimes (home (length packages))
      (let ((package (svref packages home)))
        (when (eql (svref (%package-internal package) 0) 0)
          (setf (%package-internal package) (%symbol-table-for (svref counts (* 2 home)))))
        (when (eql (svref (%package-external package) 0) 0)
          (setf (%package-external package) (%symbol-table-for (svref counts (+ (* 2 home) 1)))))))))

(defun %install-symbols (packages symbols)
  "Enters SYMBOLS, a vector of three elements each: the symbol, the index of its home among PACKAGES or NIL, and whether it is
external."
  (do ((i 0 (+ i 3)))
      ((>= i (length symbols)))
    (let ((symbol (svref symbols i)) (home (svref symbols (+ i 1))))
      (when home
        (let ((package (svref packages home)) (hash (%string-hash (%get symbol name symbol))))
          (%set symbol package symbol package)
          (when (eq package *keyword-package*)
            (%become-keyword symbol))
          (if (svref symbols (+ i 2))
              (%add-external symbol package hash)
              (%add-internal symbol package hash)))))))

(defun %install-packages (descriptions symbols)
  "Sets up the packages that DESCRIPTIONS say with the SYMBOLS of %INSTALL-SYMBOLS."
  (let* ((n (length descriptions)) (packages (%array-new simple-vector n nil)))
    (dotimes (i n)
      (setf (svref packages i) (%install-package (svref descriptions i))))
    (dotimes (i n)
      (dolist (name (svref (svref descriptions i) 2))
        (%new-use (svref packages i) (find-package name))))
    (setq *keyword-package* (find-package "KEYWORD"))
    (%reserve-symbols packages symbols)
    (%install-symbols packages symbols)
    (dotimes (i n)
      (dolist (name (svref (svref descriptions i) 3))
        (%install-external name (svref packages i))))
    *packages*))

(defun %install-external (name package)
  "Makes the symbol named NAME that PACKAGE inherits external there."
  (let ((hash (%string-hash name)))
    (multiple-value-bind (symbol status) (%find-symbol name hash package)
      (when (eq status :inherited)
        (%add-external symbol package hash)))))

(setq *packages* (%install-packages (%root-packages) (%root-symbols))
      *package-names* *package-names*)  ; for a program that mentions this variable only

(setq *package* (find-package "COMMON-LISP-USER"))
