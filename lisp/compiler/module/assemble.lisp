;;;; The linker: collects a unit's functions, numbers everything, and has the sections written. Mirrors the part of
;;;; module/assemble.rs that makes standalone modules.

(in-package :clysm-compiler)

(defun link (unit packages)
  "Makes a module of a unit, with PACKAGES, a list in the order of their numbers. Three values: the module's octets, a list of
function infos in index order, and the module's symbols in the order of their ids."
  (let ((*linker* (make-linker :unit unit :packages packages)))
    (link-collect)
    (link-check-runtime-functions)
    (link-collect-entries)
    (link-number-globals)
    (link-add-start-functions)
    (link-number-imports)
    (link-write)))

;;; Functions

(defun link-add-function (form code)
  "Adds a function, whose references are those of the form of that number, and returns its number."
  (vector-push-extend (make-linker-slot code form) (linker-functions *linker*)))

(defun link-collect ()
  "Finds the definitions, and numbers the functions."
  (let ((linker *linker*))
    (loop for form across (unit-forms (linker-unit linker))
          for kind = (unit-form-kind form)
          do (if (form-function kind)
                 (setf (gethash (second kind) (linker-definitions linker)) (form-function kind))))
    (if (unit-calls-objects (linker-unit linker))
        (dolist (stub (all-stubs))
          (setf (gethash stub (linker-stub-numbers linker))
                (link-add-function nil (stub-code stub)))))
    (loop for form across (unit-forms (linker-unit linker))
          for number of-type fixnum from 0
          do (dolist (lowered (lowered-form-functions (unit-form-lowered form)))
               (let ((function (lowered-function-id lowered)))
                 (setf (gethash function (linker-lisp-numbers linker))
                       (link-add-function number (lowered-function-code lowered)))
                 (setf (gethash function (linker-lowered-functions linker)) lowered))))
    (link-collect-codes)))

(defun link-collect-codes ()
  "Gives code indices: static functions first, then everything else that has a function object."
  (loop for form across (unit-forms (linker-unit *linker*))
        for (kind symbol function) = (unit-form-kind form)
        do (when (and (eq kind :function) (unit-form-installed form) (link-static-p function symbol))
             (push symbol (linker-static-functions *linker*))
             (link-add-code function)))
  (setf (linker-static-functions *linker*) (reverse (linker-static-functions *linker*)))
  (loop for form across (unit-forms (linker-unit *linker*))
        do (dolist (lowered (lowered-form-functions (unit-form-lowered form)))
             (if (lowered-function-entries lowered)
                 (link-add-code (lowered-function-id lowered))))))

(defun link-static-p (function symbol)
  "Whether a definition of the function SYMBOL is the one that counts."
  (eq (gethash symbol (linker-definitions *linker*)) function))

(defun link-add-code (function)
  "Gives a function its code index, if it has none yet."
  (let ((numbers (linker-code-numbers *linker*)))
    (unless (gethash function numbers)
      (setf (gethash function numbers)
            (+ +first-code+ (vector-push-extend function (linker-codes *linker*)))))))

(defun link-check-runtime-functions ()
  "A runtime function without a definition does not link. Parts of the library that are loaded while the rest is still being
built don't end with the marker that this check looks for."
  (flet ((defined-p (symbol)
           (gethash symbol (linker-definitions *linker*))))
    (if (defined-p 'clysm::%library-complete)
        (dolist (function *runtime-function-list*)
          (let ((symbol (runtime-function-symbol function)))
            (unless (and (defined-p symbol)
                         (runtime-signature-p function (world-signature symbol)))
              (link-failure "runtime function ~A (:~A) has no definition that takes ~A"
                            (runtime-function-qualified-name function)
                            (string-downcase (symbol-name (runtime-function-runtime-name function)))
                            (runtime-arity-text (runtime-function-arity function)))))))))

(defun runtime-signature-p (function signature)
  "Whether a runtime function's definition takes the arguments that the table says."
  (let ((arity (runtime-function-arity function)))
    (cond ((null signature) nil)
          (arity (and (= (signature-required signature) arity)
                      (eql (signature-max-count signature) arity)))
          (t (null (signature-max-count signature))))))

(defun runtime-arity-text (arity)
  "A runtime function's arity in words."
  (cond ((null arity) "any number of arguments")
        ((= arity 1) "exactly 1 argument")
        (t (format nil "exactly ~D arguments" arity))))

;;; Entries

(defun link-collect-entries ()
  "Finds what each entry table holds at each code index."
  (setf (linker-entries *linker*)
        (mapcar #'link-entry-numbers *entries*)))

(defun link-entry-numbers (entry)
  "The numbers of the functions that the table of an entry holds."
  (let ((numbers (make-array 64 :adjustable t :fill-pointer 0))
        (table (entry-table entry)))
    (if (unit-calls-objects (linker-unit *linker*))
        (vector-push-extend (link-stub-number (list :undefined entry)) numbers))
    (loop for function across (linker-codes *linker*)
          do (vector-push-extend (link-entry-number function entry table) numbers))
    numbers))

(defun link-entry-number (function entry table)
  "The number of the function that the TABLE of ENTRY holds for a function."
  (let* ((lowered (gethash function (linker-lowered-functions *linker*)))
         (entries (and lowered (lowered-function-entries lowered)))
         (way (and entries (cdr (assoc table (entries-by-table entries))))))
    (cond ((null way) (link-stub-number (list :arity entry)))
          ((eq way :function) (gethash function (linker-lisp-numbers *linker*)))
          ((eq way :pack) (link-stub-number (list :pack table)))
          (t (link-add-function (linker-slot-form (aref (linker-functions *linker*)
                                                        (gethash function (linker-lisp-numbers *linker*))))
                                (second way))))))

(defun link-stub-number (stub)
  "The number of a stub."
  (or (gethash stub (linker-stub-numbers *linker*))
      (error "The module has no stub ~S." stub)))

;;; Imports

(defun link-number-imports ()
  "Assigns function indices to the host's functions, which precede the module's own; those that the program names come last."
  (let ((linker *linker*)
        (seen (make-hash-table :test 'eql)))
    (loop for slot across (linker-functions linker)
          do (loop for (nil kind reference) in (compiled-function-relocations (linker-slot-code slot))
                   do (if (eq kind :function)
                          (link-note-import reference seen))))
    (setf (linker-host-imports linker) (sort (linker-host-imports linker) #'<))
    (setf (linker-named-imports linker) (sort-named-imports (linker-named-imports linker)))
    (link-number-from 0 (linker-host-imports linker) (linker-host-import-indices linker))
    (link-number-from (length (linker-host-imports linker))
                      (linker-named-imports linker)
                      (linker-named-import-indices linker))
    (setf (linker-import-count linker)
          (+ (length (linker-host-imports linker)) (length (linker-named-imports linker))))))

(defun link-number-from (first numbers indices)
  "Enters the indices of imports with these numbers, from FIRST on."
  (loop for number in numbers
        for index of-type fixnum from first
        do (setf (gethash number indices) index)))

(defun sort-named-imports (numbers)
  "The numbers of named imports in the order of their modules, and then of the octets of their names."
  (flet ((key (number)
           (destructuring-bind (module . name) (nth number (context-named-imports *context*))
             (list module (coerce (clysm::%string-octets name) 'list))))
         (less (one other)
           (if (string= (first one) (first other))
               (octets-less-p (second one) (second other))
               (string< (first one) (first other)))))
    (sort (copy-list numbers) #'less :key #'key)))

(defun octets-less-p (one other)
  "Whether ONE precedes OTHER in a dictionary; both are lists."
  (let ((place (mismatch one other)))
    (and place
         (let ((rest (nthcdr place other)))
           (and rest
                (or (null (nthcdr place one))
                    (< (nth place one) (first rest))))))))

(defun link-note-import (reference seen)
  "Notes the function that code refers to if it is the host's; fails if it is defined nowhere."
  (destructuring-bind (kind what) reference
    (case kind
      (:import
       (unless (gethash what seen)
         (setf (gethash what seen) t)
         (push what (linker-host-imports *linker*))))
      (:named
       (pushnew what (linker-named-imports *linker*)))
      (:global
       (unless (gethash what (linker-definitions *linker*))
         (link-failure "~A is called directly but defined nowhere" (export-name what)))))))

(defun export-name (symbol)
  "The name of a global function in messages: its home package and its name, whatever the current package is."
  (let* ((base (setf-base symbol))
         (named (or base symbol))
         (package (symbol-package named))
         (name (format nil "~A:~A" (if package (package-name package) "") (symbol-name named))))
    (if base (format nil "(SETF ~A)" name) name)))

;;; Indices

(defun link-function-type (params results)
  "The type index of a function type."
  (or (core-type params results)
      (let ((key (cons params results))
            (indices (linker-type-indices *linker*)))
        (or (gethash key indices)
            (setf (gethash key indices)
                  (+ (core-type-count) (vector-push-extend key (linker-types *linker*))))))))

(defun link-own-index (number)
  "The index of the module's own function of that number."
  (+ (linker-import-count *linker*) number))

(defun link-function-index (reference)
  "The index of a function that code refers to."
  (destructuring-bind (kind what) reference
    (ecase kind
      (:numbered (link-own-index what))
      (:import (gethash what (linker-host-import-indices *linker*)))
      (:named (gethash what (linker-named-import-indices *linker*)))
      (:local (link-own-index (gethash what (linker-lisp-numbers *linker*))))
      (:global (link-own-index (gethash (gethash what (linker-definitions *linker*))
                                        (linker-lisp-numbers *linker*)))))))
