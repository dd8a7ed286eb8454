;;;; The globals of a module: which there are, and in which order. Mirrors module/globals.rs.

(in-package :clysm-compiler)

;;; Data segments: the first two of all modules, the others of those that stand alone

(defconstant +literal-data+ 0)
(defconstant +name-data+ 1)
(defconstant +function-data+ 2)
(defconstant +source-data+ 3)           ; only where texts are kept

(defstruct (globals (:copier nil))
  "Indices of the globals."
  (symbols '())                         ; the module's symbols in the order of their ids: NIL, T, those that code refers to,
                                        ; all others
  (symbol-count 0 :type fixnum)
  (referenced 0 :type fixnum)           ; how many of the symbols have a global
  (ids (make-hash-table :test 'eq))     ; the ids of the symbols
  (first-symbol 0 :type fixnum)
  (first-literal 0 :type fixnum)
  (first-load-time-values nil)          ; for each form the index of its first
  (load-time-value-count 0 :type fixnum)
  (static-functions '())                ; the functions that have a static object, by form and place in it
  (static-function-indices (make-hash-table :test 'eq))
  (first-runtime 0 :type fixnum)
  (undefined-function 0 :type fixnum)   ; the function object of functions that are not defined
  (imported-nil 0 :type fixnum)         ; in a compiled file: the image's NIL
  (code-base 0 :type fixnum)            ; in a compiled file: the code index of its first function
  (literal-vector 0 :type fixnum)       ; in a compiled file: the vector of its symbols
  (empty-string 0 :type fixnum))        ; in a standalone module

;;; The linker's state. Functions of the tree are keys by themselves; those of different forms are never the same.

(defstruct (linker-slot (:constructor make-linker-slot (code form)) (:copier nil))
  "A function of the module under construction."
  code                                  ; a compiled function
  form)                                 ; the number of the form that its references mean, or NIL

(defstruct (linker (:copier nil))
  "What is collected and numbered of a module."
  unit
  linkage                               ; see LINK
  packages                              ; the packages that the module has from the start, in order
  (types (make-array 16 :adjustable t :fill-pointer 0)) ; function types after the core types: (PARAMS . RESULTS)
  (type-indices (make-hash-table :test 'equal))         ; their indices
  (host-imports '())                                    ; the numbers of the host imports, in the order of their indices
  (host-import-indices (make-hash-table :test 'eql))
  (named-imports '())                                   ; the numbers of the named imports, in the order of their names
  (named-import-indices (make-hash-table :test 'eql))
  (image-imports '())                                   ; (NAME . TYPE) of the image's functions, the last one first
  (image-import-indices (make-hash-table :test 'equal))
  (import-count 0 :type fixnum)
  (functions (make-array 256 :adjustable t :fill-pointer 0)) ; the module's own functions, slots by number
  (lisp-numbers (make-hash-table :test 'eq))            ; the numbers of functions of the tree
  (lowered-functions (make-hash-table :test 'eq))       ; what they are lowered to
  (stub-numbers (make-hash-table :test 'equal))
  (definitions (make-hash-table :test 'eq))             ; symbols to the functions that define them globally
  (codes (make-array 64 :adjustable t :fill-pointer 0)) ; the function behind each code index, from the first on
  (code-numbers (make-hash-table :test 'eq))
  (static-functions '())                                ; symbols whose functions the start code installs, in code order
  (globals (make-globals))
  (data (make-buffer))                                  ; octets of literals
  (names nil)                                           ; the octets that describe the symbols, once they are written
  (sources nil)                                         ; the octets of the texts that the module keeps, likewise
  (entries '())                                         ; for each entry table a vector of references to functions by code index
  (start 0 :type fixnum)                                ; the number of the function that runs everything
  (host-entries '()))                                   ; (NAME . NUMBER) of functions for the host beside the start

(defvar *linker* nil
  "The linker of the module under construction.")

(defun link-standalone-p ()
  "Whether the module stands alone, and does not import the runtime from an image."
  (eq (linker-linkage *linker*) :standalone))

(defun link-first-code ()
  "The first code index of the module's own functions: the undefined function of one that stands alone has the index 0, a compiled
file counts from where the tables end."
  (if (link-standalone-p) 1 0))

;;; Numbers

(defun link-number-globals ()
  "Gives all globals their indices."
  (multiple-value-bind (symbols count referenced) (link-used-symbols)
    (let ((globals (linker-globals *linker*))
          (next 0))
      (flet ((take (count)
               (prog1 next
                 (incf next count))))
        (if (link-standalone-p)
            (setf (globals-empty-string globals) (take 1)))
        (setf (globals-first-runtime globals) (take (length *runtime-globals*))
              (globals-undefined-function globals) (take 1))
        (unless (link-standalone-p)
          (setf (globals-imported-nil globals) (take 1)
                (globals-code-base globals) (take 1)
                (globals-literal-vector globals) (take 1)))
        (setf (globals-first-symbol globals) (take referenced)
              (globals-symbols globals) symbols
              (globals-symbol-count globals) count
              (globals-referenced globals) referenced
              (globals-first-literal globals) (take (length (literal-pool-objects (unit-literals (linker-unit *linker*))))))
        (loop for symbol in symbols
              for id of-type fixnum from 0
              do (setf (gethash symbol (globals-ids globals)) id))
        (let ((first next))
          (setf (globals-first-load-time-values globals)
                (map 'simple-vector
                     (lambda (form) (take (length (lowered-form-load-time-values (unit-form-lowered form)))))
                     (unit-forms (linker-unit *linker*)))
                (globals-load-time-value-count globals) (- next first)))
        (setf (globals-static-functions globals) (link-used-static-functions))
        (dolist (function (globals-static-functions globals))
          (setf (gethash function (globals-static-function-indices globals)) (take 1)))))))

(defun link-symbol (symbol)
  "Code for a symbol, which need not have a global."
  (let* ((globals (linker-globals *linker*))
         (id (link-symbol-id symbol)))
    (cond ((< id (globals-referenced globals))
           (code-global-get (list :symbol symbol)))
          (t
           (code-global-get (if (link-standalone-p)
                                '(:runtime :symbol-table)
                                (list :numbered (globals-literal-vector globals))))
           (code-i32 id)
           (op :array.get :simple-vector)))))

(defun link-symbol-id (symbol)
  "The id of a symbol of the module."
  (gethash symbol (globals-ids (linker-globals *linker*)) 0))

(defun link-runtime-global-index (name)
  "The index of a global of the runtime."
  (+ (globals-first-runtime (linker-globals *linker*))
     (or (position name *runtime-globals*)
         (error "~S is not a global of the runtime." name))))

(defun link-global-index (form global)
  "The index of a global that the code of the form of that number refers to."
  (let ((globals (linker-globals *linker*))
        (what (second global)))
    (ecase (first global)
      (:symbol
       (let ((id (gethash what (globals-ids globals))))
         (unless (and id (< id (globals-referenced globals)))
           (error "The symbol ~S has no global." what))
         (+ (globals-first-symbol globals) id)))
      (:literal (+ (globals-first-literal globals) what))
      (:runtime (link-runtime-global-index what))
      (:static-function (gethash what (globals-static-function-indices globals)))
      (:load-time-value (+ (svref (globals-first-load-time-values globals) form) what))
      (:numbered what))))

;;; What is used

(defun link-map-code (visit)
  "Calls VISIT with the form's number and the code of every function, adaptors included."
  (loop for slot across (linker-functions *linker*)
        do (funcall visit (linker-slot-form slot) (linker-slot-code slot)))
  (loop for form across (unit-forms (linker-unit *linker*))
        for number of-type fixnum from 0
        do (dolist (lowered (lowered-form-functions (unit-form-lowered form)))
             (let ((entries (lowered-function-entries lowered)))
               (when entries
                 (loop for (nil . way) in (entries-by-table entries)
                       do (if (consp way)
                              (funcall visit number (second way)))))))))

(defun link-used-static-functions ()
  "The functions whose static objects code refers to, by form and place in it."
  (let ((found '())
        (seen (make-hash-table :test 'eq)))
    (link-map-code
     (lambda (form code)
       (loop for (nil kind reference) in (compiled-function-relocations code)
             do (if (and (eq kind :global) (eq (first reference) :static-function))
                    (let ((function (second reference)))
                      (unless (gethash function seen)
                        (setf (gethash function seen) t)
                        (push (cons form function) found)))))))
    (mapcar #'cdr (sort found #'static-function-before-p))))

(defun static-function-before-p (first second)
  "The order of functions, each with the number of its form."
  (or (< (car first) (car second))
      (and (= (car first) (car second))
           (< (lambda-function-index (cdr first)) (lambda-function-index (cdr second))))))

(defstruct (used-symbols (:copier nil))
  "Symbols in the order of their first use."
  (list '())                            ; the last one first
  (count 0 :type fixnum)
  (seen (make-hash-table :test 'eq))
  (visited (make-hash-table :test 'eq))) ; objects in literals that are done with

(defun used-symbols-add (used symbol)
  "Adds a symbol."
  (let ((seen (used-symbols-seen used)))
    (unless (gethash symbol seen)
      (setf (gethash symbol seen) t)
      (push symbol (used-symbols-list used))
      (incf (used-symbols-count used)))))

(defun used-symbols-add-object (used object)
  "Adds the symbols that are in OBJECT."
  (let ((visited (used-symbols-visited used)))
    (loop while (consp object)
          do (if (gethash object visited)
                 (return-from used-symbols-add-object nil))
             (setf (gethash object visited) t)
             (used-symbols-add-object used (pop object)))
    (cond ((symbolp object)
           (used-symbols-add used object))
          ((and (simple-vector-p object) (not (gethash object visited)))
           (setf (gethash object visited) t)
           (loop for element across object
                 do (used-symbols-add-object used element))))))

(defun used-symbols-add-literal (used literal)
  "Adds the symbols of a literal."
  (destructuring-bind (kind object) literal
    (if (eq kind :symbols)
        (dolist (symbol object)
          (used-symbols-add used symbol))
        (used-symbols-add-object used object))))

(defun link-add-symbols-of-code (used)
  "Adds the symbols whose globals code refers to, and the names of functions that the start code makes objects of."
  (link-map-code
   (lambda (form code)
     (declare (ignore form))
     (loop for (nil kind reference) in (compiled-function-relocations code)
           do (if (and (eq kind :global) (eq (first reference) :symbol))
                  (used-symbols-add used (second reference))))))
  (loop for form across (unit-forms (linker-unit *linker*))
        for (kind symbol) = (unit-form-kind form)
        do (if (and (eq kind :function) (unit-form-installed form))
               (used-symbols-add used symbol)))
  (dolist (function (link-used-static-functions))
    (if (lambda-function-name function)
        (used-symbols-add used (lambda-function-name function)))))

(defun sorted-external-symbols (package)
  "The external symbols of a package in the order of their names. Of keywords there are those that code refers to."
  (let ((symbols '()))
    (unless (eq package (symbol-package :key))
      (do-external-symbols (symbol package)
        (push symbol symbols)))
    (sort symbols #'string< :key #'symbol-name)))

(defun link-used-symbols ()
  "The symbols, how many they are, and how many of them code refers to."
  (let ((used (make-used-symbols))
        (unit (linker-unit *linker*)))
    (used-symbols-add used nil)
    (used-symbols-add used t)
    (link-add-symbols-of-code used)
    (dolist (symbol (literal-pool-functions (unit-literals unit)))
      (used-symbols-add used symbol))
    (let ((referenced (used-symbols-count used)))
      (loop for literal across (literal-pool-objects (unit-literals unit))
            do (used-symbols-add-literal used literal))
      (if (unit-all-symbols unit)
          (dolist (package (linker-packages *linker*))
            (dolist (symbol (sorted-external-symbols package))
              (used-symbols-add used symbol))))
      (dolist (symbol (reverse (used-symbols-list used)))
        (let ((base (setf-base symbol)))
          (if base
              (used-symbols-add used base))))
      (values (reverse (used-symbols-list used)) (used-symbols-count used) referenced))))
