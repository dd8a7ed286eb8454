;;;; Compiling the library, and programs after it, as one module.
;;;;
;;;; The library's macros, reader and evaluator are those of the running image. What the compiler must know of the library beyond
;;;; them (parameters of functions, special variables, constants ...) it learns in a first pass over the library's toplevel forms,
;;;; which converts no function. The second pass converts every form; then all are lowered and linked. Of a file that is not the one
;;;; that the image was made of, the image takes on what macros need, see take-on; of the compiler's own files only what they want at
;;;; compile time.
;;;;
;;;; A program is compiled after the library as CLHS 3.2.3 says of a file: what it does at compile time is evaluated in the image,
;;;; the rest when the module runs.

(in-package :clysm-compiler)

(defstruct (compilation (:constructor make-compilation (report)) (:copier nil))
  "What is left of the forms that were compiled."
  report                                ; a report builder
  (form-count 0)                        ; toplevel forms read so far
  (forms '())                           ; the converted forms, the last one first
  (errors '())                          ; diagnostics of forms that did not compile, the last one first
  (package (find-package "COMMON-LISP-USER"))) ; the current one at the end, in which functions are named for stack traces

(defvar *compilation* nil
  "The compilation under way.")

(defun keep-form (form)
  (push form (compilation-forms *compilation*)))

(defun note-error (diagnostic)
  (push diagnostic (compilation-errors *compilation*)))

(defun compilation-diagnostics ()
  "Everything that there is to tell, in order: errors, then warnings."
  (append (reverse (compilation-errors *compilation*))
          (noted-diagnostics)))

(defmacro with-text-variables (&body body)
  "Runs BODY with the variables that decide how texts are read, and that forms may change, bound to their initial values."
  `(let ((*package* (find-package "COMMON-LISP-USER"))
         (*readtable* (make-text-readtable))
         (*features* *features*)
         (*read-base* 10)
         (*read-default-float-format* 'single-float)
         (*read-suppress* nil)
         (*read-eval* t))
     ,@body))

;;; Forms of a text.

(defun compile-forms (path next)
  "Compiles the forms that the function NEXT gives as READ-FORM does."
  (let ((report (compilation-report *compilation*)))
    (report-module-started report path)
    (loop
      (multiple-value-bind (kind value) (funcall next)
        (ecase kind
          (:end (return))
          (:failed (note-error value)
                   (report-form report :failed))
          (:form (report-form report (if (compile-counted-form value) :compiled :failed))))))))

(defun compile-counted-form (form)
  "Compiles a toplevel form. False, and an error is noted, if it does not compile. The names that macros make for it depend on the
program alone, and differ from those for other forms: see %NUMBER-NAMES-FROM."
  (handler-case (let ((*gensym-counter* (* 1000 (incf (compilation-form-count *compilation*)))))
                  (compile-toplevel form)
                  t)
    (compile-failure (failure)
      (note-error (failure-diagnostic failure))
      nil)
    (error (condition)
      (note-error (diagnostic-at (error-diagnostic "internal-error" (format nil "internal error: ~A" condition))
                                 (span-of form)
                                 ""))
      nil)))

(defun compile-text (path text)
  "Compiles the forms of a program's TEXT, each read after the one before took effect."
  (let* ((reader (make-text-reader (source-map-add path text)))
         (*readtable* (make-text-readtable))
         (*spans* (make-hash-table :test #'eq))
         (*structure-bodies* (make-hash-table :test #'eq)))
    (compile-forms path (lambda () (read-form reader)))))

;;; The library's texts are read in the first pass.

(defstruct (library-text (:constructor make-library-text (path entries spans)) (:copier nil))
  path
  entries                               ; what READ-FORM gave: (KIND . VALUE), in order
  spans)                                ; the places of its conses

(defun survey-text (path text change)
  "Reads TEXT of the library and learns what its forms define. If there is a CHANGE, the image takes it on."
  (let* ((reader (make-text-reader (source-map-add path text)))
         (*readtable* (make-text-readtable))
         (*spans* (make-hash-table :test #'eq))
         (entries '()))
    (loop
      (multiple-value-bind (kind value) (read-form reader)
        (when (eq kind :end) (return))
        (push (cons kind value) entries)
        (when (eq kind :form)
          (when change
            (take-on value change))
          (survey-form value))))
    (make-library-text path (nreverse entries) *spans*)))

(defun compile-library-text (text)
  "Compiles the forms of a text that has been surveyed."
  (let ((*spans* (library-text-spans text))
        (*readtable* (make-text-readtable))
        (entries (library-text-entries text)))
    (compile-forms (library-text-path text)
                   (lambda ()
                     (let ((entry (pop entries)))
                       (if entry
                           (values (car entry) (cdr entry))
                           (values :end nil)))))))

;;; Files that the image was not made of.

(defstruct (text-change (:conc-name change-) (:constructor make-text-change (library-p old-forms)) (:copier nil) (:predicate nil))
  "What to do with a text that differs from what the image was made of."
  library-p                             ; whether it is a file of the library, not of the compiler
  old-forms)                            ; a hash table of the forms that the image has already

(defun change-of-source (source)
  "The change of SOURCE, NIL if the image was made of the same forms."
  (destructuring-bind (path . text) source
    (let* ((embedded (embedded-source path))
           (library-p (and (library-path-p path) t))
           (old-forms (if (and embedded library-p) (text-forms path (cdr embedded)) '())))
      (unless (and embedded
                   (or (string= (cdr embedded) (kept-text path text))
                       (and library-p (equal old-forms (text-forms path text)))))
        (make-text-change library-p (form-table old-forms))))))

(defun form-table (forms)
  (let ((table (make-hash-table :test #'equal)))
    (dolist (form forms table)
      (setf (gethash form table) t))))

(defun text-forms (path text)
  "The toplevel forms of a text of the library that can be read. Of what they do, only IN-PACKAGE is done."
  (let ((reader (make-text-reader (make-source-text path text 0)))
        (*spans* (make-hash-table :test #'eq))
        (forms '()))
    (with-text-variables
      (loop
        (multiple-value-bind (kind value) (read-form reader)
          (case kind
            (:end (return (nreverse forms)))
            (:form (push value forms)
                   (when (and (consp value) (eq (car value) 'in-package))
                     (follow-in-package value)))))))))

(defun follow-in-package (form)
  (let ((name (second-element form)))
    (when (typep name '(or string symbol))
      (setq *package* (or (find-package name) *package*)))))

(defun take-on (form change)
  "Has the image take on what a FORM of a changed file brings to compile time."
  (if (change-library-p change)
      (take-on-definition form (change-old-forms change))
      (take-on-at-compile-time form)))

(defun take-on-definition (form old-forms)
  "Has the image take on what a FORM of a changed file of the library defines. Functions and macros that are as they were are
evaluated too, since compiled ones call each other without asking for a new definition. What names primitives the image can't
evaluate: it keeps what it was made of, and has nothing for what is new."
  (when (and (consp form) (symbolp (car form)))
    (let ((old-p (gethash form old-forms)))
      (case (names-operator (car form))
        (:in-package nil)
        (:progn (dolist (form (cdr form)) (take-on-definition form old-forms)))
        (:defmacro (unless (and old-p (names-primitive-p form)) (evaluate-definition form)))
        (:defun (unless (names-primitive-p form) (evaluate-definition form)))
        (:define-raw nil)
        (t (unless (or old-p (names-primitive-p form)) (evaluate-definition form)))))))

(defun names-primitive-p (form)
  "Whether a part of FORM is the name of a primitive, or of a function with a Wasm signature of its own."
  (if (consp form)
      (do ((rest form (cdr rest)))
          ((atom rest) (and rest (names-primitive-p rest)))
        (when (names-primitive-p (car rest)) (return t)))
      (and form
           (symbolp form)
           (or (find-primitive form)
               (let ((signature (world-signature form)))
                 (and signature (signature-raw signature)))))))

(defun take-on-at-compile-time (form)
  "Has the image take on what a FORM of a changed file of the compiler wants at compile time (CLHS 3.2.3.1). Its functions must not take
the place of those that are at work."
  (when (and (consp form) (symbolp (car form)))
    (case (names-operator (car form))
      (:progn (mapc #'take-on-at-compile-time (cdr form)))
      (:defmacro (evaluate-definition form))
      (:eval-when
       (when (intersection '(:compile-toplevel compile) (second form))
         (mapc #'evaluate-definition (cddr form)))))))

(defun evaluate-definition (form)
  "Has the image take on what FORM, of a file that it was not made of, defines."
  (handler-case (eval form)
    (error (condition)
      (note-error (diagnostic-at (error-diagnostic "compile-time-error" (format nil "evaluation in the image: ~A" condition))
                                 (span-of form)
                                 "")))))

;;; The survey.

(defun survey-form (form)
  "Learns what the toplevel FORM defines."
  (if (and (consp form) (symbolp (car form)))
      (case (names-operator (car form))
        (:progn (survey-forms (cdr form)))
        (:eval-when (when (executed-p form) (survey-forms (cddr form))))
        (:defun (survey-function (second form) (lambda () (lambda-list-signature (third form)))))
        (:define-raw (survey-function (second form) (lambda () (raw-signature (third form) (fourth form)))))
        (:defmacro (when (symbolp (second form))
                     (setf (facts-operator (world-facts-mut (second form))) :macro)))
        (:in-package (survey-by-converting form))
        ((nil) (survey-other form))
        (t (survey-by-converting form)))))

(defun survey-forms (forms)
  (when (proper-list-p forms)
    (mapc #'survey-form forms)))

(defun proper-list-p (list)
  (and (listp list) (null (cdr (last list)))))

(defun executed-p (form)
  "Whether the body of an EVAL-WHEN form is evaluated where source is loaded."
  (and (consp (cdr form))
       (listp (second form))
       (intersection '(:execute eval) (second form))))

(defun survey-other (form)
  "A call of a macro or function of the library, or of a macro of the form's own file."
  (let ((head (car form)))
    (toplevel-note-definer head form)
    (if (macro-function head)
        (let ((expansion (handler-case (clysm::%expand-macro head form nil)
                           ;; The second pass tells of it.
                           (error () nil))))
          (survey-form expansion))
        (survey-by-converting form))))

(defun survey-by-converting (form)
  "Learns what a form that is neither a definition of a function nor a macro's call changes: it is converted like any other."
  (handler-case (compile-toplevel form)
    (error () nil)))

(defun survey-function (name make-signature)
  "Notes the function NAME, whose signature the function MAKE-SIGNATURE gives; malformed ones are the second pass's business."
  (let ((symbol (cond ((symbolp name) name)
                      ((and (proper-list-p name) (eq (first name) 'setf) (symbolp (second name)))
                       (setf-symbol (second name))))))
    (when symbol
      (let ((signature (handler-case (funcall make-signature) (error () nil))))
        (when signature
          (world-set-signature symbol signature)
          (setf (facts-operator (world-facts-mut symbol)) :function))))))

(defun lambda-list-signature (lambda-list)
  "The signature of a function with that LAMBDA-LIST."
  (let ((part '&required) (required 0) (optional 0) (rest nil) (keywords '()) (accepts-keywords nil) (others nil))
    (dolist (element lambda-list)
      (case element
        ((&optional &rest &aux) (setq part element))
        (&body (setq part '&rest))
        (&key (setq part '&key accepts-keywords t))
        (&allow-other-keys (setq others t))
        (t (case part
             (&required (incf required))
             (&optional (incf optional))
             (&rest (setq rest t))
             (&key (push (parameter-keyword element) keywords))))))
    (make-signature :required required
                    :optional optional
                    :rest rest
                    :keywords (nreverse keywords)
                    :accepts-keywords accepts-keywords
                    :allow-other-keys others)))

(defun parameter-keyword (element)
  "The keyword of a keyword parameter."
  (let ((name (if (consp element) (car element) element)))
    (if (consp name)
        (car name)
        (intern (symbol-name name) :keyword))))

(defun raw-signature (parameters result)
  "The signature of a function with a Wasm signature of its own."
  (make-signature :required (length parameters)
                  :optional 0
                  :raw (cons (mapcar (lambda (parameter) (raw-representation (second parameter))) parameters)
                             (raw-representation result))))

(defun raw-representation (name)
  (let ((name (symbol-name name)))
    (cond ((string= name "EQ") :object)
          ((find name '(:i32 :i64 :f32 :f64 :condition) :test #'string=))
          (t (error "~A is no representation." name)))))

;;; The hosts of the two passes, and of programs.

(defun evaluate-at-compile-time (form)
  "Evaluates FORM; what macros are called for that does not matter to the names in what is compiled after it."
  (let ((*gensym-counter* *gensym-counter*))
    (eval form)))

(defun make-survey-host ()
  (make-host :evaluate #'evaluate-at-compile-time
             :accept (lambda (form) (declare (ignore form)) nil)
             :loads-source t
             :library-p t
             :follows-packages nil))

(defun make-library-host ()
  (make-host :evaluate #'evaluate-at-compile-time
             ;; What the library's files say of the current package is about themselves.
             :accept (lambda (form) (unless (selects-package-p form) (keep-form form)))
             :loads-source t
             :library-p t
             :follows-packages nil))

(defun make-program-host ()
  (make-host :evaluate #'evaluate-at-compile-time
             :accept #'keep-form
             :loads-source nil
             :library-p nil
             :follows-packages t))

(defun selects-package-p (form)
  "Whether a converted form is an IN-PACKAGE."
  (let ((calls (top-form-calls form)))
    (and (equal (top-form-kind form) '(:expression nil))
         calls
         (null (cdr calls))
         (string= (symbol-name (call-site-function (first calls))) "%IN-PACKAGE"))))

;;; The library, and programs.

(defun compile-library (sources)
  "Compiles SOURCES, (PATH . TEXT) in load order, as the library. *CONTEXT* is then what programs are compiled in."
  (let ((texts (survey-library sources)))
    (setf (context-library-is-complete *context*) t)
    (let ((*host* (make-library-host)))
      (with-text-variables
        (mapc #'compile-library-text texts)
        (finish-unit)))))

(defun survey-library (sources)
  "The first pass: reads SOURCES and notes what they define. Nothing else is left of it."
  (let ((*host* (make-survey-host)) (texts '()))
    (with-text-variables
      (dolist (source sources)
        (push (survey-text (car source) (cdr source) (change-of-source source)) texts)))
    (forget-diagnostics)
    (nreverse texts)))

(defun embedded-source (path)
  "The source (PATH . TEXT) that the image was made of, or NIL; PATH may be in another directory."
  (find-if (lambda (embedded) (path-ends-with-p path (car embedded)))
           (embedded-sources)))

(defun path-ends-with-p (path end)
  "Whether the last components of PATH are those of END."
  (let ((start (- (length path) (length end))))
    (and (>= start 0)
         (string= end path :start2 start)
         (or (eql start 0) (char= (char path (- start 1)) #\/)))))

(defun compile-program (sources)
  "Compiles SOURCES after the library."
  (let ((*host* (make-program-host)))
    (with-text-variables
      (dolist (source sources)
        (compile-text (car source) (cdr source)))
      (finish-unit)
      (setf (compilation-package *compilation*) *package*))))

;;; The module.

(defun link-compilation (kept-sources function-names)
  "The octets of the module of all forms kept, a program. KEPT-SOURCES are the texts that it keeps, if it is a compiler."
  (let* ((*package* (compilation-package *compilation*))
         (packages (if kept-sources (list-all-packages) (program-packages)))
         (unit (complete-unit (reverse (compilation-forms *compilation*)) (describe-packages packages))))
    (setf (unit-program-p unit) t
          (unit-export-definitions unit) (and kept-sources t)
          (unit-sources unit) kept-sources
          (unit-function-names unit) function-names)
    (values (link unit packages :standalone))))

(defun link-file (library function-names)
  "The octets of a compiled file of the forms kept after those of the LIBRARY, a list whose first is the last one."
  (let* ((*package* (compilation-package *compilation*))
         (unit (file-unit library (reverse (ldiff (compilation-forms *compilation*) library)))))
    (setf (unit-function-names unit) function-names)
    (values (link unit (program-packages) :compiled-file))))

(defun program-packages ()
  "The packages of a program: without the compiler's."
  (remove (find-package "CLYSM-COMPILER") (list-all-packages)))
