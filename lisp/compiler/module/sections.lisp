;;;; The sections of a module. Mirrors module/sections.rs.

(in-package :clysm-compiler)

;;; Kinds of imports and exports

(defconstant +function-kind+ 0)
(defconstant +table-kind+ 1)
(defconstant +global-kind+ 3)
(defconstant +tag-kind+ 4)

(defparameter *image-module* "image"
  "The import module of everything that an image provides.")

(defconstant +binding-stack-length+ 256
  "The initial length of the binding stack.")

(defconstant +constant-flag+ 2
  "The flag of constant variables in a symbol's flags.")

(defstruct (function-info (:copier nil))
  "Where a function of a module comes from."
  index                                 ; the function's index in the module
  name
  positions)                            ; a list of (offset . span): offsets in the function's body, and where the code comes from

(defun link-write ()
  "Writes the module. Three values: its octets, a list of function infos in index order, and its symbols in the order of their
ids."
  (let* ((types (link-function-types))
         (module (start-module))
         (code (make-section))
         (functions (link-code-section code))
         (imports (link-import-section)))
    (put-section 1 (link-type-section) module)
    (put-section 2 imports module)
    (put-section 3 (link-function-section types) module)
    (when (link-standalone-p)
      (put-section 4 (link-table-section) module)
      (put-section 13 (link-tag-section) module))
    (put-section 6 (link-global-section) module)
    (put-section 7 (link-export-section) module)
    (put-section 9 (link-element-section) module)
    (put-octet-list (list 12 1 (length (link-data))) module) ; the number of data segments
    (put-section 10 code module)
    (put-section 11 (link-data-section) module)
    (if (unit-function-names (linker-unit *linker*))
        (put-custom-section "name" (link-name-section) module))
    (values (buffer-contents module)
            functions
            (globals-symbols (linker-globals *linker*)))))

;;; Types, imports, functions, tables, tags

(defun link-function-types ()
  "The type indices of all functions."
  (map 'list
       (lambda (slot)
         (let ((code (linker-slot-code slot)))
           (link-function-type (compiled-function-params code) (compiled-function-results code))))
       (linker-functions *linker*)))

(defun link-type-section ()
  "The core types and the module's own."
  (let ((section (make-section)))
    (encode-core-types section)
    (loop for (params . results) across (linker-types *linker*)
          do (count-item section)
             (encode-function-type params results section))
    section))

(defun import-type (type)
  "The Wasm type of an import's parameter or result."
  (if (eq type :bytes) :array-ref type))

(defun link-import-section ()
  "The host's functions, and what a compiled file needs of the image."
  (let ((section (make-section)))
    (dolist (number (linker-host-imports *linker*))
      (let ((import (host-import number)))
        (put-import (host-import-module import)
                    (host-import-name import)
                    (mapcar (lambda (param) (import-type (second param))) (host-import-params import))
                    (list (import-type (host-import-result import)))
                    section)))
    (dolist (number (linker-named-imports *linker*))
      (destructuring-bind (module . name) (nth number (context-named-imports *context*))
        (put-import module name '(:array-ref) '(:array-ref) section)))
    (unless (link-standalone-p)
      (put-image-imports section))
    section))

(defun put-import (module name params results section)
  "Writes the import of a host's function."
  (put-import-name module name section)
  (put-octet +function-kind+ section)
  (put-unsigned (link-function-type params results) section))

(defun put-import-name (module name section)
  "Writes the names of an import, which its kind and its type follow."
  (count-item section)
  (put-name module section)
  (put-name name section))

(defun put-image-imports (section)
  "Writes the imports of the image's functions, and of the runtime."
  (loop for (name . type) in (reverse (linker-image-imports *linker*))
        do (put-import-name *image-module* name section)
           (put-octet +function-kind+ section)
           (put-unsigned type section))
  (dolist (entry *entries*)
    (put-import-name *image-module* (entry-table-name entry) section)
    (put-octet +table-kind+ section)
    (put-entry-table 0 section))
  (put-import-name *image-module* "unwind" section)
  (put-octet +tag-kind+ section)
  (put-unwind-tag section)
  (dolist (name *runtime-globals*)
    (multiple-value-bind (type mutable) (runtime-global-type name)
      (put-global-import (runtime-global-name name) type mutable section)))
  (put-global-import "undefined-function" (ref-to :function) nil section)
  (put-global-import "nil" (ref-to :symbol) nil section))

(defun put-global-import (name type mutable section)
  "Writes the import of one of the image's globals."
  (put-import-name *image-module* name section)
  (put-octet +global-kind+ section)
  (put-global-type type mutable section))

(defun put-global-type (type mutable section)
  (put-value-type type section)
  (put-octet (if mutable 1 0) section))

(defun link-function-section (types)
  "The type index of each function."
  (let ((section (make-section)))
    (dolist (type types section)
      (count-item section)
      (put-unsigned type section))))

(defun link-table-section ()
  "The entry tables. They hold plain function references, which engines fill from segments without running code; a call checks
the type."
  (let ((section (make-section)))
    (dolist (entries (linker-entries *linker*) section)
      (count-item section)
      (put-entry-table (length entries) section))))

(defun put-entry-table (size section)
  "Writes the type of an entry table."
  (put-octet #x70 section)
  (put-octet 0 section)
  (put-unsigned size section))

(defun link-tag-section ()
  "The tag of exits."
  (let ((section (make-section)))
    (count-item section)
    (put-unwind-tag section)
    section))

(defun put-unwind-tag (section)
  "Writes the type of the tag of exits."
  (put-octet 0 section)
  (put-unsigned (unwind-type) section))

;;; Globals

(defmacro put-global ((section type mutable) &body initial)
  "Adds a global whose initial value the instructions of INITIAL compute."
  (let ((buffer (gensym "SECTION")))
    `(let ((,buffer ,section))
       (count-item ,buffer)
       (put-global-type ,type ,mutable ,buffer)
       (with-octets (,buffer)
         ,@initial
         (op :end)))))

(defun link-global-section ()
  "All globals."
  (let ((section (make-section)))
    (if (link-standalone-p)
        (put-runtime section)
        (put-file-globals section))
    (put-object-globals section)
    section))

(defun put-file-globals (section)
  "The globals of a compiled file before those of its literals."
  (put-global (section :i32 t)
    (op :i32.const 0))
  (put-global (section (ref-to :simple-vector) t)
    (op :array.new_fixed :simple-vector 0))
  (loop repeat (globals-referenced (linker-globals *linker*))
        do (link-nil-global (ref-to :symbol) section)))

(defun put-runtime (section)
  "The runtime's globals, and those of symbols."
  (let ((globals (linker-globals *linker*)))
    (put-global (section (ref-to :string) nil)
      (op :array.new_fixed :string 0))
    (dolist (name *runtime-globals*)
      (link-runtime-global name section))
    (put-global (section (ref-to :function) nil)
      (ops (:i32.const 0)
           (:ref.null :env)
           (:i32.const 0)
           (:ref.i31)
           (:i32.const 0)
           (:struct.new :function)))
    ;; Constant expressions are costly to compile: all but the first two symbols are made by the start code.
    (link-symbol-global nil 0 section)
    (link-symbol-global t 1 section)
    (loop repeat (- (globals-referenced globals) 2)
          do (link-nil-global (ref-to :symbol) section))))

(defun put-object-globals (section)
  "The globals of literals, load-time values and function objects, which the start code makes."
  (let ((globals (linker-globals *linker*)))
    (loop repeat (+ (length (literal-pool-objects (unit-literals (linker-unit *linker*))))
                    (globals-load-time-value-count globals))
          do (link-nil-global :eq section))
    (loop repeat (length (globals-static-functions globals))
          do (put-global (section (ref-to :function) t)
               (op :global.get (globals-undefined-function globals))))))

(defun link-nil-global (type section)
  "A global that is NIL until the start code has run."
  (let ((globals (linker-globals *linker*)))
    (put-global (section type t)
      (op :global.get (if (link-standalone-p) (globals-first-symbol globals) (globals-imported-nil globals))))))

(defun runtime-global-name (name)
  "The name under which an image exports a global of the runtime."
  (string-downcase (symbol-name name)))

(defun runtime-global-type (name)
  "The type of a global of the runtime, and whether it is mutable."
  (ecase name
    ((:unbound :unsupplied) (values :eq nil))
    ((:value-count :binding-depth) (values :i32 t))
    ((:value-vector :binding-stack :characters :symbol-table) (values (ref-to :simple-vector) t))))

(defun link-runtime-global (name section)
  "A global of the runtime."
  (multiple-value-bind (type mutable) (runtime-global-type name)
    (put-global (section type mutable)
      (put-runtime-initial name))))

(defun put-runtime-initial (name)
  "The initial value of a global of the runtime."
  (flet ((marker (id)
           (op :i32.const id)
           (op :struct.new :marker))
         (i32 (value)
           (op :i32.const value))
         (objects (length)
           (ops (:i32.const 0)
                (:ref.i31))
           (op :i32.const length)
           (op :array.new :simple-vector)))
    (ecase name
      (:unbound (marker 0))
      (:unsupplied (marker 1))
      (:value-count (i32 1))
      (:value-vector (objects +value-vector-length+))
      (:binding-depth (i32 0))
      (:binding-stack (objects +binding-stack-length+))
      (:characters (objects 256))
      (:symbol-table (objects 0)))))

(defun link-symbol-global (symbol id section)
  "NIL or T before the start code has given it its name and package. NIL's own fields can't refer to NIL yet."
  (let ((globals (linker-globals *linker*)))
    (flet ((put-nil ()
             (cond (symbol (op :global.get (globals-first-symbol globals)))
                   (t (op :i32.const 0)
                      (op :ref.i31)))))
      (put-global (section (ref-to :symbol) nil)
        (op :global.get (globals-empty-string globals))
        (put-nil)
        (op :global.get (link-runtime-global-index :unbound))
        (op :global.get (globals-undefined-function globals))
        (loop repeat 3
              do (put-nil))
        (op :i32.const 0)
        (op :i32.const +constant-flag+)
        (op :i32.const id)
        (op :struct.new :symbol)))))

;;; Exports and entries

(defun link-export-section ()
  "The function that runs the module, those for the host, and what an image provides if the module is one."
  (let ((section (make-section))
        (start (if (link-standalone-p) "_start" "init")))
    (loop for (name . number) in (acons start (linker-start *linker*) (linker-host-entries *linker*))
          do (put-export name +function-kind+ (link-own-index number) section))
    (if (unit-export-definitions (linker-unit *linker*))
        (put-image-exports section))
    section))

(defun put-export (name kind index section)
  (count-item section)
  (put-name name section)
  (put-octet kind section)
  (put-unsigned index section))

(defun put-image-exports (section)
  "Writes the exports of all that compiled files import."
  (dolist (entry *entries*)
    (put-export (entry-table-name entry) +table-kind+ (entry-table entry) section))
  (put-export "unwind" +tag-kind+ 0 section)
  (dolist (name *runtime-globals*)
    (put-export (runtime-global-name name) +global-kind+ (link-runtime-global-index name) section))
  (let ((globals (linker-globals *linker*)))
    (put-export "undefined-function" +global-kind+ (globals-undefined-function globals) section)
    (put-export "nil" +global-kind+ (globals-first-symbol globals) section))
  (dolist (stub (all-stubs))
    (put-export (stub-name stub) +function-kind+ (link-function-index (list :stub stub)) section))
  (loop for (name . index) in (link-system-definitions)
        do (put-export name +function-kind+ index section)))

(defun link-system-definitions ()
  "The library's functions that the module defines, (NAME . INDEX) in the order of their names. Of what programs can't name, a
compiler's own functions, nothing is imported."
  (let ((named '()))
    (maphash (lambda (symbol function)
               (if (system-symbol-p (or (setf-base symbol) symbol))
                   (push (cons (export-name symbol) (link-own-index (gethash function (linker-lisp-numbers *linker*))))
                         named)))
             (linker-definitions *linker*))
    (sort named #'string< :key #'car)))

(defun link-element-section ()
  "What the entry tables hold."
  (let ((section (make-section)))
    (loop for entries in (linker-entries *linker*)
          for table of-type fixnum from 0
          do (count-item section)
             (cond ((link-standalone-p)
                    (put-octet 2 section) ; active, of the table of that index
                    (put-unsigned table section)
                    (with-octets (section)
                      (op :i32.const 0)
                      (op :end)))
                   (t (put-octet 1 section))) ; passive
             (put-octet 0 section)      ; functions by index
             (put-unsigned (length entries) section)
             (loop for reference across entries
                   do (put-unsigned (link-function-index reference) section)))
    section))

;;; Data

(defun link-data ()
  "The octets of literals, and the description of the symbols; in a module that stands alone also the ids of the symbols with
static functions, and the texts that the module keeps, if it is to keep any."
  (list* (linker-data *linker*)
         (link-names)
         (cond ((not (link-standalone-p)) '())
               ((unit-sources (linker-unit *linker*)) (list (link-static-functions) (link-static-sources)))
               (t (list (link-static-functions))))))

(defun link-static-functions ()
  (let ((functions (make-buffer)))
    (dolist (symbol (linker-static-functions *linker*) functions)
      (put-little-endian (link-symbol-id symbol) 4 functions))))

(defun link-static-sources ()
  "For each text that the module keeps: the lengths of its path and of itself in octets (four octets each, low first), the path,
and the text."
  (or (linker-sources *linker*)
      (let ((sources (make-buffer)))
        (loop for (path . text) in (unit-sources (linker-unit *linker*))
              do (put-little-endian (utf8-size path) 4 sources)
                 (put-little-endian (utf8-size text) 4 sources)
                 (put-utf8 path sources)
                 (put-utf8 text sources))
        (setf (linker-sources *linker*) sources))))

(defun link-data-section ()
  (let ((section (make-section)))
    (dolist (data (link-data) section)
      (count-item section)
      (put-octet 1 section)             ; passive
      (put-unsigned (buffer-length data) section)
      (put-buffer data section))))

(defun link-names ()
  "The octets that describe the symbols: in a compiled file how many packages they are at home in (one octet), and the name of each
after its length in octets (two octets, low first). Then for each symbol: the length of its name in octets (two octets, low first), the
number of its home package plus one or zero, whether it is external there, for a symbol that stands for (SETF NAME) the id of NAME (two
octets) or zero, and the name."
  (or (linker-names *linker*)
      (let ((names (make-buffer))
            (packages (if (link-standalone-p) (linker-packages *linker*) (link-home-packages)))
            (numbers (make-hash-table :test 'eq)))
        (if (> (length packages) 254)
            (too-many 254 "packages"))
        (if (> (globals-symbol-count (linker-globals *linker*)) 65535)
            (too-many 65535 "symbols"))
        (unless (link-standalone-p)
          (put-octet (length packages) names)
          (dolist (package packages)
            (put-length (package-name package) names)
            (put-utf8 (package-name package) names)))
        (loop for package in packages
              for number of-type fixnum from 1
              do (setf (gethash package numbers) number))
        (dolist (symbol (globals-symbols (linker-globals *linker*)))
          (put-symbol symbol numbers names))
        (setf (linker-names *linker*) names))))

(defun too-many (limit what)
  "Fails because there is more of something than a module can have."
  (link-failure "not yet supported: more than ~D ~A in a module" limit what))

(defun link-home-packages ()
  "The home packages of the symbols, in the order of their first use."
  (let ((packages '()))
    (dolist (symbol (globals-symbols (linker-globals *linker*)))
      (if (symbol-package symbol)
          (pushnew (symbol-package symbol) packages)))
    (reverse packages)))

(defun put-symbol (symbol packages names)
  "Describes a symbol; PACKAGES has the numbers of packages."
  (let ((name (symbol-name symbol))
        (base (setf-base symbol)))
    (put-length name names)
    (put-octet (gethash (symbol-package symbol) packages 0) names)
    (put-octet (if (external-symbol-p symbol) 1 0) names)
    (put-little-endian (if base (link-symbol-id base) 0) 2 names)
    (put-utf8 name names)))

(defun put-length (name names)
  "The length of a name in octets."
  (let ((length (utf8-size name)))
    (if (> length 65535)
        (too-many 65535 "octets in a name"))
    (put-little-endian length 2 names)))

(defun external-symbol-p (symbol)
  "Whether a symbol is external in its home package."
  (let ((package (symbol-package symbol)))
    (and package
         (multiple-value-bind (found status) (find-symbol (symbol-name symbol) package)
           (and (eq status :external)
                (eq found symbol))))))

;;; Code

(defun link-code-section (section)
  "Writes all functions; returns the function infos."
  (let ((body (make-buffer)))
    (loop for slot across (linker-functions *linker*)
          for number of-type fixnum from 0
          for code = (linker-slot-code slot)
          for form = (linker-slot-form slot)
          do (setf (buffer-length body) 0)
          collect (make-function-info :index (link-own-index number)
                                      :name (compiled-function-name code)
                                      :positions (encode-body code body
                                                              (lambda (target) (link-fill form target body))))
          do (count-item section)
             (put-unsigned (buffer-length body) section)
             (put-buffer body section))))

(defun link-fill (form target buffer)
  "Writes what belongs at a place in the code of the form of that number."
  (destructuring-bind (kind reference) target
    (ecase kind
      (:function (put-unsigned (link-function-index reference) buffer))
      (:global (put-unsigned (link-global-index form reference) buffer))
      (:code-index
       (with-octets (buffer)
         (link-code-index (gethash reference (linker-code-numbers *linker*) 0))))
      (:function-reference
       (with-octets (buffer)
         (op :ref.func (link-function-index reference))))
      (:static-data
       (with-octets (buffer)
         (link-static-data reference))))))

(defun link-code-index (number)
  "Writes the instructions that push a code index of the module's own."
  (cond ((link-standalone-p)
         (op :i32.const number))
        (t (op :global.get (globals-code-base (linker-globals *linker*)))
           (op :i32.const number)
           (op :i32.add))))

(defun link-static-data (name)
  "Writes the instructions that push a static table."
  (ecase name
    (:functions
     (op :i32.const 0)
     (op :i32.const (length (linker-static-functions *linker*)))
     (op :array.new_data :u32-vector +function-data+))
    (:names
     (op :i32.const 0)
     (op :i32.const (buffer-length (link-names)))
     (op :array.new_data :u8-vector +name-data+))
    (:sources
     (cond ((unit-sources (linker-unit *linker*))
            (op :i32.const 0)
            (op :i32.const (buffer-length (link-static-sources)))
            (op :array.new_data :u8-vector +source-data+))
           (t (op :array.new_fixed :u8-vector 0))))
    (:octets
     (op :array.new_data :u8-vector +literal-data+))
    (:packages
     (let ((literal (unit-packages (linker-unit *linker*))))
       (if literal
           (op :global.get (+ (globals-first-literal (linker-globals *linker*)) literal))
           (op :array.new_fixed :simple-vector 0))))
    (:first-function
     (op :i32.const (link-first-code))
     (op :i32.add))))

(defun link-name-section ()
  "The contents of the section that names the functions, for stack traces."
  (let ((names (make-section))
        (contents (make-buffer)))
    (loop for (name) in (reverse (linker-image-imports *linker*))
          do (count-item names)
             (put-unsigned (gethash name (linker-image-import-indices *linker*)) names)
             (put-name name names))
    (loop for slot across (linker-functions *linker*)
          for number of-type fixnum from 0
          do (count-item names)
             (put-unsigned (link-own-index number) names)
             (put-name (compiled-function-name (linker-slot-code slot)) names))
    (put-section 1 names contents)      ; a subsection has the form of a section
    contents))
