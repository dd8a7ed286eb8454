;;;; The linker: collects a unit's functions, numbers everything, and has the sections written. Mirrors the part of
;;;; module/assemble.rs that makes standalone modules and compiled files.

(in-package :clysm-compiler)

(defun link (unit packages linkage)
  "Makes a module of a unit, with PACKAGES, a list in the order of their numbers. LINKAGE is :STANDALONE, or :COMPILED-FILE for a module
that imports the runtime from an image and brings its literals and the names of its symbols with it. Three values: the module's
octets, a list of function infos in index order, and the module's symbols in the order of their ids."
  (let ((*linker* (make-linker :unit unit :linkage linkage :packages packages)))
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
    (if (link-has-stubs-p)
        (dolist (stub (all-stubs))
          (setf (gethash stub (linker-stub-numbers linker))
                (link-add-function nil (stub-code stub)))))
    (loop for form across (unit-forms (linker-unit linker))
          for number of-type fixnum from 0
          for unused = (if (link-runs-p form) nil (unit-form-toplevel form))
          do (dolist (lowered (lowered-form-functions (unit-form-lowered form)))
               (let ((function (lowered-function-id lowered)))
                 (unless (eq function unused)
                   (setf (gethash function (linker-lisp-numbers linker))
                         (link-add-function number (lowered-function-code lowered)))
                   (setf (gethash function (linker-lowered-functions linker)) lowered)))))
    (link-collect-codes)))

(defun link-has-stubs-p ()
  (and (link-standalone-p) (unit-calls-objects (linker-unit *linker*))))

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

(defun link-runs-p (form)
  "Whether a form has an effect when the module starts, beyond the definition that the start code makes."
  (destructuring-bind (kind symbol &optional function) (unit-form-kind form)
    (ecase kind
      (:function (and (unit-form-installed form) (not (link-static-p function symbol))))
      (:raw nil)
      ((:macro :expression) t))))

(defun link-static-p (function symbol)
  "Whether a definition of the function SYMBOL is the one that counts, and takes no code at run time."
  (and (link-standalone-p)
       (eq (gethash symbol (linker-definitions *linker*)) function)))

(defun link-add-code (function)
  "Gives a function its code index, if it has none yet."
  (let ((numbers (linker-code-numbers *linker*)))
    (unless (gethash function numbers)
      (setf (gethash function numbers)
            (+ (link-first-code) (vector-push-extend function (linker-codes *linker*)))))))

(defun link-check-runtime-functions ()
  "A runtime function without a definition does not link. Parts of the library that are loaded while the rest is still being
built don't end with the marker that this check looks for."
  (flet ((defined-p (symbol)
           (gethash symbol (linker-definitions *linker*))))
    (if (and (link-standalone-p) (defined-p 'clysm::%library-complete))
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
        (mapcar #'link-table-entries *entries*)))

(defun link-table-entries (entry)
  "References to the functions that the table of an entry holds."
  (let ((references (make-array 64 :adjustable t :fill-pointer 0))
        (table (entry-table entry)))
    (if (link-has-stubs-p)
        (vector-push-extend (list :stub (list :undefined entry)) references))
    (loop for function across (linker-codes *linker*)
          do (vector-push-extend (link-table-entry function entry table) references))
    references))

(defun link-table-entry (function entry table)
  "A reference to the function that the TABLE of ENTRY holds for a function."
  (let* ((lowered (gethash function (linker-lowered-functions *linker*)))
         (entries (and lowered (lowered-function-entries lowered)))
         (way (and entries (cdr (assoc table (entries-by-table entries))))))
    (cond ((null way) (list :stub (list :arity entry)))
          ((eq way :function) (list :numbered (gethash function (linker-lisp-numbers *linker*))))
          ((eq way :pack) (list :stub (list :pack table)))
          (t (list :numbered
                   (link-add-function (linker-slot-form (aref (linker-functions *linker*)
                                                              (gethash function (linker-lisp-numbers *linker*))))
                                      (second way)))))))

;;; Imports

(defun link-number-imports ()
  "Assigns function indices to what the code imports, which precedes the module's own functions: the host's functions first, those
that the program names after them, then the image's."
  (let ((linker *linker*)
        (image '())                     ; the image's functions, the last one first
        (seen (make-hash-table :test 'eql)))
    (loop for slot across (linker-functions linker)
          do (loop for (nil kind reference) in (compiled-function-relocations (linker-slot-code slot))
                   do (if (and (eq kind :function) (link-note-import reference seen))
                          (push (second reference) image))))
    (setf (linker-host-imports linker) (sort (linker-host-imports linker) #'<))
    (setf (linker-named-imports linker) (sort-named-imports (linker-named-imports linker)))
    (link-number-from 0 (linker-host-imports linker) (linker-host-import-indices linker))
    (link-number-from (length (linker-host-imports linker))
                      (linker-named-imports linker)
                      (linker-named-import-indices linker))
    (setf (linker-import-count linker)
          (+ (length (linker-host-imports linker)) (length (linker-named-imports linker))))
    (mapc #'link-import-global (reverse image))
    (unless (link-standalone-p)
      (link-import-stubs))))

(defun link-import-global (symbol)
  "Imports a global function from the image; fails if there is none, as it is defined nowhere."
  (let ((signature (world-signature symbol)))
    (if (or (link-standalone-p) (null signature))
        (link-failure "~A is called directly but defined nowhere" (export-name symbol)))
    (destructuring-bind (params . results) (signature-function-type signature)
      (link-import-from-image (export-name symbol) (link-function-type params results)))))

(defun signature-function-type (signature)
  "The Wasm type (PARAMS . RESULTS) of a global function."
  (let ((raw (signature-raw signature)))
    (if raw
        (cons (mapcar #'value-type (car raw)) (list (value-type (cdr raw))))
        (cons (function-type-params (signature-parameter-count signature)) (list (eq-ref))))))

(defun link-import-stubs ()
  "Imports the stubs that are in entry tables."
  (dolist (stub (all-stubs))
    (let ((reference (list :stub stub)))
      (if (some (lambda (references) (find reference references :test #'equal)) (linker-entries *linker*))
          (link-import-from-image (stub-name stub) (entry-type-index (second stub)))))))

(defun link-import-from-image (name type)
  "Imports a function from the image, once."
  (let ((indices (linker-image-import-indices *linker*)))
    (unless (gethash name indices)
      (setf (gethash name indices) (linker-import-count *linker*))
      (incf (linker-import-count *linker*))
      (push (cons name type) (linker-image-imports *linker*)))))

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
  "Notes the function that code refers to if it is the host's; true if it is a global one that the module does not define."
  (destructuring-bind (kind what) reference
    (case kind
      (:import
       (unless (gethash what seen)
         (setf (gethash what seen) t)
         (push what (linker-host-imports *linker*)))
       nil)
      (:named
       (pushnew what (linker-named-imports *linker*))
       nil)
      (:global
       (not (gethash what (linker-definitions *linker*)))))))

(defun export-name (symbol)
  "The name under which an image exports a global function: its home package and its name, whatever the current package is."
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
      (:stub (let ((number (gethash what (linker-stub-numbers *linker*))))
               (if number
                   (link-own-index number)
                   (gethash (stub-name what) (linker-image-import-indices *linker*)))))
      (:global (let ((function (gethash what (linker-definitions *linker*))))
                 (if function
                     (link-own-index (gethash function (linker-lisp-numbers *linker*)))
                     (gethash (export-name what) (linker-image-import-indices *linker*))))))))
