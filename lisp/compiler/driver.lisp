;;;; The compiler as a whole: sources to a module and a report.

(in-package :clysm-compiler)

(defstruct (compiled-library (:constructor make-compiled-library
                                 (context source-map forms errors))
                             (:copier nil))
  "The library that the image was made of, compiled. It is left as it is: programs are compiled in a copy of its context."
  context
  source-map
  forms                                 ; the converted forms, the last one first
  errors)                               ; diagnostics of forms that did not compile

(defvar *compiled-library* nil
  "The library after which programs are compiled, once it is needed.")

(defun compiled-library ()
  "The library that the image was made of, compiled."
  (or *compiled-library*
      (setq *compiled-library*
            (let* ((*context* (make-context))
                   (*source-map* (make-source-map))
                   (*compilation* (make-compilation (make-report-builder ""))))
              (compile-library (embedded-library))
              (make-compiled-library *context*
                                     *source-map*
                                     (compilation-forms *compilation*)
                                     (compilation-errors *compilation*))))))

(defmacro with-compilation ((library report) &body body)
  "Runs BODY in a compilation of its own, after LIBRARY if there is one."
  `(call-with-compilation ,library ,report (lambda () ,@body)))

(defun call-with-compilation (library report function)
  (let ((*context* (if library (copy-compilation-context (compiled-library-context library)) (make-context)))
        (*source-map* (if library (copy-source-map (compiled-library-source-map library)) (make-source-map)))
        (*compilation* (make-compilation report)))
    (when library
      (setf (compilation-forms *compilation*) (compiled-library-forms library)
            (compilation-errors *compilation*) (compiled-library-errors library)))
    (funcall function)))

;;; What a program's forms do at compile time happens in the image. The names that it makes there go with it, and their definitions
;;; with them.

(defmacro with-program-names (() &body body)
  `(call-with-program-names (lambda () ,@body)))

(defun call-with-program-names (function)
  (let ((packages (list-all-packages))
        (symbols (user-symbols))
        (gentemp-counter clysm::*gentemp-counter*))
    (unwind-protect (funcall function)
      (setq clysm::*gentemp-counter* gentemp-counter)
      (forget-packages (set-difference (list-all-packages) packages))
      (maphash (lambda (symbol present)
                 (declare (ignore present))
                 (unless (gethash symbol symbols)
                   (unintern symbol "COMMON-LISP-USER")))
               (user-symbols)))))

(defun user-symbols ()
  "A hash table of the symbols present in COMMON-LISP-USER."
  (let ((symbols (make-hash-table :test #'eq))
        (package (find-package "COMMON-LISP-USER")))
    (do-symbols (symbol package symbols)
      (when (eq (symbol-package symbol) package)
        (setf (gethash symbol symbols) t)))))

(defun forget-packages (packages)
  (dolist (package packages)
    (dolist (user (package-used-by-list package))
      (unuse-package package user)))
  (mapc #'delete-package packages))

(defun compile-all (sources &key (library-p (library-sources-p sources)) (linkage :standalone) (stage 2) (time 0) function-names)
  "Compiles SOURCES, a list of (PATH . TEXT), to one module: if LIBRARY-P, as the library itself, of which they are all files in
load order; else as a program after the library, which the module holds, too, unless LINKAGE is :COMPILED-FILE.

Four values: the module's octets, or NIL when a form did not compile; the report of STAGE, made at TIME, in seconds since 1970; the
diagnostics; and the map of the texts that these refer to. The report is about SOURCES."
  (let ((report (make-report-builder (format nil "stage~D-v0.1" stage)))
        (library (if library-p nil (compiled-library))))
    (with-compilation (library report)
      (flet ((finish (kept-sources)
               (values (finished-module kept-sources linkage function-names)
                       (report-finish report (timestamp-from-unix-seconds time))
                       (compilation-diagnostics)
                       *source-map*)))
        (cond (library-p
               (compile-library sources)
               (finish (kept-sources sources)))
              (t
               (with-program-names ()
                 (compile-program sources)
                 (finish '()))))))))

(defun kept-sources (sources)
  "SOURCES, files of the library, with the paths that they have in every module: from the directory lisp on."
  (loop for (path . text) in sources
        for start = (search "lisp/" path :from-end t)
        collect (cons (subseq path (or start 0)) (kept-text path text))))

(defun finished-module (kept-sources linkage function-names)
  "The octets of the module, which keeps KEPT-SOURCES, or NIL when a form did not compile."
  (if (compilation-errors *compilation*)
      nil
      (handler-case (if (eq linkage :standalone)
                        (link-compilation kept-sources function-names)
                        (link-file (compiled-library-forms (compiled-library)) function-names))
        (error (condition)
          (note-error (error-diagnostic "internal-error" (princ-to-string condition)))
          nil))))

(defun library-sources-p (sources)
  "Whether SOURCES are files of the library, none of which is missing."
  (and sources
       (every (lambda (source) (embedded-source (car source))) sources)
       (every (lambda (embedded) (find-if (lambda (source) (path-ends-with-p (car source) (car embedded))) sources))
              (embedded-sources))))

(defun compile-form (text &key (path "source") (linkage :standalone) function-names)
  "Compiles the source TEXT of a program. Three values: the module's octets, or NIL; the diagnostics; and the map of the texts that
these refer to."
  (multiple-value-bind (octets report diagnostics source-map)
      (compile-all (list (cons path text)) :library-p nil :linkage linkage :function-names function-names)
    (declare (ignore report))
    (values octets diagnostics source-map)))

(defun render-diagnostics (diagnostics source-map stream)
  (let ((*source-map* source-map))
    (dolist (diagnostic diagnostics)
      (render-diagnostic diagnostic stream))))
