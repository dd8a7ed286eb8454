;;;; The code that makes a module ready: objects that constant expressions can't make, literals, function cells, and the
;;;; toplevel forms in order. Mirrors module/start.rs.

(in-package :clysm-compiler)

(defconstant +forms-per-function+ 100
  "Toplevel forms that one function runs, where there are more.")

;;; Fields of a symbol by index

(defconstant +symbol-package+ 1)
(defconstant +symbol-value+ 2)
(defconstant +symbol-plist+ 4)
(defconstant +symbol-setf+ 5)
(defconstant +symbol-info+ 6)

(defun link-add-start-functions ()
  "Adds the functions that run at the start; the linker's start is the one that runs the others."
  (let ((calls (if (link-standalone-p)
                   (append (list (link-procedure "setup" (link-setup)))
                           (link-symbol-functions)
                           (link-object-functions)
                           (link-literal-functions))
                   (link-file-parts))))
    (setf (linker-start *linker*)
          (link-procedure "start"
            (dolist (number calls)
              (code-call (list :numbered number)))
            (link-callable-symbols)
            (link-guarded-forms)))
    (if (link-standalone-p)
        (setf (linker-host-entries *linker*) (link-program-entries)))))

;;; Functions for the host

(defun link-program-entries ()
  "What a host calls when a trap has ended a program, which writes out what waits in streams; and what it calls of a compiler.
A list of (NAME . NUMBER)."
  (remove nil (list (link-procedure-entry "_finish" 'clysm::%finish-program)
                    (link-octets-entry "compile_form" 'clysm::%compile-form)
                    (link-octets-entry "compile_file" 'clysm::%compile-file)
                    (link-octets-entry "compile_all" 'clysm::%compile-all))))

(defun link-octets-entry (name function)
  "An export that calls a Lisp function with octets, for octets."
  (when (link-defined-p function)
    (cons name
          (link-add-function nil
                             (with-code ((code-new name (list (ref-to :u8-vector)) (ref-to :u8-vector)))
                               (op :ref.null :function)
                               (code-get 0)
                               (code-call (list :global function))
                               (op :ref.cast :u8-vector))))))

(defun link-procedure-entry (name function)
  "An export that calls a Lisp function without arguments."
  (when (link-defined-p function)
    (cons name
          (link-procedure name
            (op :ref.null :function)
            (code-call (list :global function))
            (op :drop)))))

(defun link-defined-p (function)
  "Whether the unit defines the global FUNCTION."
  (gethash function (linker-definitions *linker*)))

;;; Compiled files

(defun link-file-parts ()
  "Adds the functions that find the symbols of a compiled file, make its literals, append its entries to the tables, and make its
function objects; returns their numbers."
  (append (list (link-procedure "symbols" (link-find-symbols)))
          (link-file-symbol-functions)
          (let ((*string-function* (list :numbered (link-file-string))))
            (link-literal-functions))
          (link-file-function-parts)))

(defun link-find-symbols ()
  "Has the image find the symbols of a compiled file, or intern them."
  (op :ref.null :function)
  (code-relocate '(:static-data :names))
  (code-call '(:global clysm::%file-symbols))
  (op :ref.cast :simple-vector)
  (code-global-set (list :numbered (globals-literal-vector (linker-globals *linker*)))))

(defun link-file-symbol-functions ()
  "Adds the functions that take the symbols of a compiled file out of their vector; returns their numbers."
  (let* ((globals (linker-globals *linker*))
         (referenced (globals-referenced globals)))
    (loop for start of-type fixnum from 0 below referenced by +heap-accesses-per-function+
          collect (link-procedure "literals"
                    (loop for id of-type fixnum from start below (min referenced (+ start +heap-accesses-per-function+))
                          do (code-global-get (list :numbered (globals-literal-vector globals)))
                             (code-i32 id)
                             (ops (:array.get :simple-vector)
                                  (:ref.cast :symbol))
                             (code-global-set (list :numbered (+ (globals-first-symbol globals) id))))))))

(defun link-file-string ()
  "Adds the function that makes a string of a part of a compiled file's data, given by its offset and length in octets; returns its
number."
  (link-add-function nil
                     (with-code ((code-new "literal-string" '(:i32 :i32) (eq-ref)))
                       (op :ref.null :function)
                       (code-get 0)
                       (code-get 1)
                       (code-relocate '(:static-data :octets))
                       (op :i32.const 0)
                       (op :ref.i31)
                       (code-get 1)
                       (op :ref.i31)
                       (code-call '(:global clysm::%octets-string)))))

(defun link-file-function-parts ()
  "Adds the functions that append a compiled file's entries to the tables and make its function objects; returns their numbers."
  (let ((functions (globals-static-functions (linker-globals *linker*))))
    (if (plusp (length (linker-codes *linker*)))
        (cons (link-procedure "entries" (link-append-entries))
              (loop while functions
                    collect (link-procedure "functions"
                              (loop repeat +heap-accesses-per-function+
                                    while functions
                                    do (link-file-object (pop functions))))))
        '())))

(defun link-append-entries ()
  "Appends the entries to the tables."
  (let ((count (length (linker-codes *linker*)))
        (code-base (list :numbered (globals-code-base (linker-globals *linker*)))))
    (op :table.size (entry-table 0))
    (code-global-set code-base)
    (loop for entry in *entries*
          for entries in (linker-entries *linker*)
          do (let ((table (entry-table entry)))
               ;; Every element is overwritten; any function of the type will do until then.
               (code-relocate (list :function-reference (aref entries 0)))
               (code-i32 count)
               (op :table.grow table)
               (op :drop)
               (code-global-get code-base)
               (op :i32.const 0)
               (code-i32 count)
               (op :table.init table table)))))

(defun link-file-object (function)
  "Makes the static object of a function of a compiled file."
  (code-global-get (list :numbered (globals-code-base (linker-globals *linker*))))
  (code-i32 (gethash function (linker-code-numbers *linker*) 0))
  (op :i32.add)
  (link-static-object function))

;;; The toplevel forms

(defun link-guarded-forms ()
  "The toplevel forms. What leaves all of them reaches the library, which decides how that ends."
  (let ((depth (code-local :i32)))
    (code-global-get '(:runtime :binding-depth))
    (code-set depth)
    (let ((landing (code-block (landing-type))))
      (code-open :try_table nil (list (list :catch 0 (code-relative landing)))))
    (link-forms)
    (when (unit-program-p (linker-unit *linker*))
      (op :ref.null :function)
      (code-call '(:global clysm::%finish-program))
      (op :drop))
    (op :return)
    (code-end)
    (op :unreachable)
    (code-end)
    (let* ((target (code-local :eq))
           (value (code-local :eq)))
      (code-set value)
      (code-set target)
      (op :ref.null :function)
      (code-get depth)
      (op :ref.i31)
      (code-get target)
      (code-get value)
      (code-call (list :global (runtime-name "leave-toplevel")))
      (op :drop))))

(defun link-forms ()
  "Runs the toplevel forms, where they are many by functions that run some of them each."
  (let ((calls (link-form-calls)))
    (if (<= (length calls) +forms-per-function+)
        (link-run-forms calls (length calls))
        (loop while calls
              do (code-call (list :numbered
                                  (link-procedure "forms" (link-run-forms calls +forms-per-function+))))
                 (setq calls (nthcdr +forms-per-function+ calls))))))

(defun link-form-calls ()
  "The calls of the toplevel forms, each preceded by those of its load-time values: lists of the function's number and the index of
the global that the value is put into, or NIL."
  (let ((numbers (linker-lisp-numbers *linker*)))
    (loop for form across (unit-forms (linker-unit *linker*))
          for number of-type fixnum from 0
          nconc (loop for function in (lowered-form-load-time-values (unit-form-lowered form))
                      for index of-type fixnum from 0
                      collect (list (gethash function numbers)
                                    (link-global-index number (list :load-time-value index))))
          when (link-runs-p form)
            collect (list (gethash (unit-form-toplevel form) numbers) nil))))

(defun link-run-forms (calls count)
  "Calls COUNT functions without arguments, and puts the values into globals or drops them."
  (loop repeat count
        for (number global) in calls
        do (op :ref.null :function)
           (code-call (list :numbered number))
           (if global
               (code-global-set (list :numbered global))
               (op :drop))))

(defun link-callable-symbols ()
  "Function cells that the code reads hold at least a function object that knows the symbol's name."
  (if (unit-calls-objects (linker-unit *linker*))
      (dolist (symbol (literal-pool-functions (unit-literals (linker-unit *linker*))))
        (unless (gethash symbol (linker-definitions *linker*))
          (op :ref.null :function)
          (code-global-get (list :symbol symbol))
          (code-call (list :global (runtime-name "ensure-callable")))
          (op :drop)))))

;;; Symbols and characters

(defun link-setup ()
  "What all other code needs: the fields of NIL and T, the characters, the symbols."
  (dolist (field (list +symbol-package+ +symbol-value+ +symbol-plist+ +symbol-setf+ +symbol-info+))
    (code-global-get '(:symbol nil))
    (code-global-get '(:symbol nil))
    (op :struct.set :symbol field))
  (code-global-get '(:symbol t))
  (code-global-get '(:symbol t))
  (op :struct.set :symbol +symbol-value+)
  (link-characters)
  (link-symbol-table))

(defun count-up (index limit top)
  "Adds one to the local INDEX and goes on at TOP while it is below LIMIT."
  (code-get index)
  (ops (:i32.const 1)
       (:i32.add))
  (code-tee index)
  (code-i32 limit)
  (op :i32.lt_s)
  (code-br-if top))

(defun link-characters ()
  "The preallocated characters."
  (let ((index (code-local :i32))
        (top (code-loop)))
    (code-global-get '(:runtime :characters))
    (code-get index)
    (code-get index)
    (ops (:struct.new :character)
         (:array.set :simple-vector))
    (count-up index 256 top)
    (code-end)
    (op :i32.const 0)
    (code-set index)
    (code-release index)))

(defun link-symbol-table ()
  "The vector of symbols by id; all but NIL and T are made here. Names and packages are the library's business."
  (let ((count (globals-symbol-count (linker-globals *linker*))))
    (code-global-get '(:symbol nil))
    (code-i32 count)
    (op :array.new :simple-vector)
    (code-global-set '(:runtime :symbol-table))
    (code-global-get '(:runtime :symbol-table))
    (op :i32.const 1)
    (code-global-get '(:symbol t))
    (op :array.set :simple-vector)
    (let ((index (code-local :i32)))
      (op :i32.const 2)
      (code-set index)
      (let ((top (code-loop)))
        (code-global-get '(:runtime :symbol-table))
        (code-get index)
        (link-new-symbol index)
        (op :array.set :simple-vector)
        (count-up index count top)
        (code-end)))))

(defun link-new-symbol (index)
  "A symbol whose id is in the local INDEX."
  (let ((globals (linker-globals *linker*)))
    (code-global-get (list :numbered (globals-empty-string globals)))
    (code-global-get '(:symbol nil))
    (code-global-get '(:runtime :unbound))
    (code-global-get (list :numbered (globals-undefined-function globals)))
    (loop repeat 3
          do (code-global-get '(:symbol nil)))
    (ops (:i32.const 0)
         (:i32.const 0))
    (code-get index)
    (op :struct.new :symbol)))

(defun link-symbol-functions ()
  "Adds the functions that put the symbols into their globals; returns their numbers."
  (let* ((globals (linker-globals *linker*))
         (referenced (globals-referenced globals)))
    (loop for start of-type fixnum from 2 below referenced by +heap-accesses-per-function+
          collect (link-procedure "symbols"
                    (loop for id of-type fixnum from start below (min referenced (+ start +heap-accesses-per-function+))
                          do (code-global-get '(:runtime :symbol-table))
                             (code-i32 id)
                             (ops (:array.get :simple-vector)
                                  (:ref.cast :symbol))
                             (code-global-set (list :numbered (+ (globals-first-symbol globals) id))))))))

;;; Function objects

(defun link-object-functions ()
  "Adds the functions that put the objects of functions without captures into their globals; returns their numbers."
  (let ((functions (globals-static-functions (linker-globals *linker*))))
    (loop while functions
          collect (link-procedure "functions"
                    (loop repeat +heap-accesses-per-function+
                          while functions
                          do (code-i32 (gethash (first functions) (linker-code-numbers *linker*) 0))
                             (link-static-object (pop functions)))))))

(defun link-static-object (function)
  "Makes the static object of a function, whose code index is on the stack."
  (op :ref.null :env)
  (code-global-get (list :symbol (lambda-function-name function)))
  (op :i32.const 0)
  (op :struct.new :function)
  (code-global-set (list :numbered (link-global-index nil (list :static-function function)))))
