;;;; The environment of programs (CLHS 25): exit, arguments, documentation, dribbling.

(in-package :clysm)

;;; Leaving

(defun %end-program (code)
  (%finish-program)
  (%sys.exit code))

(defun exit (&optional (code 0))
  "Ends the program with the exit CODE, an integer; T means 0 and NIL 1.  Cleanup forms run first."
  (let ((code (case code ((t) 0) ((nil) 1) (t code))))
    (unless (%fixnump code) (%type-error code '(or fixnum boolean)))
    (setq *%exiting* t)
    (throw '%exit (lambda () (%end-program code)))))

(defun quit (&optional (code 0))
  "The same as EXIT."
  (exit code))

;;; Arguments and variables of the process

(defun argv ()
  "The program's arguments, the program's name first."
  (let ((arguments '()))
    (dotimes (i (%env.argument-count) (nreverse arguments))
      (let ((octets (%env.argument i)))
        (push (%octets-string octets 0 (%array-length u8-vector octets)) arguments)))))

(defun %environment-variable (name)
  (%with-octets (octets length name)
    (let ((value (%env.variable octets length)))
      (if value
          (%octets-string value 0 (%array-length u8-vector value))
          nil))))

(defun getenv (name)
  "The value of the process's environment variable NAME, or NIL."
  (unless (stringp name) (%type-error name 'string))
  (%environment-variable name))

;;; Documentation (CLHS DOCUMENTATION).  That of names is kept with the symbol, that of objects here.

(defglobal *object-documentation* (make-hash-table :test #'eq))

(defun %documentation-key (object doc-type)
  "Two values: the name and the namespace under which the documentation of OBJECT is kept, or NIL for objects themselves."
  (cond ((or (symbolp object) (%setf-name-p object))
         (case doc-type
           ((function variable type structure setf compiler-macro method-combination)
            (values object (if (eq doc-type 'structure) 'type doc-type)))
           (t (values object doc-type))))
        ((%class-p object) (values (class-name object) 'type))
        ((and (functionp object) (%function-name-p (%get function name object)))
         (values (%get function name object) 'function))
        (t (values nil nil))))

(defun %function-name-p (name)
  (or (and name (symbolp name)) (%setf-name-p name)))

(defun documentation (object doc-type)
  (multiple-value-bind (name type) (%documentation-key object doc-type)
    (let ((text (if type (%documentation name type) (gethash object *object-documentation*))))
      ;; Where programs are not trusted, none changes what others read.
      (if (and *%sealed* text) (copy-seq text) text))))

(defun (setf documentation) (new-value object doc-type)
  (unless (or (null new-value) (stringp new-value)) (%type-error new-value '(or null string)))
  (multiple-value-bind (name type) (%documentation-key object doc-type)
    (if type
        (%set-documentation name type new-value)
        (setf (gethash object *object-documentation*) new-value)))
  new-value)

;;; The variables of the toplevel loop (CLHS 25.1.1).

(defvar - nil)
(defvar + nil)
(defvar ++ nil)
(defvar +++ nil)
(defvar * nil)
(defvar ** nil)
(defvar *** nil)
(defvar / nil)
(defvar // nil)
(defvar /// nil)

(defun %toplevel-eval (form)
  "Evaluates FORM as the toplevel loop does, which remembers forms and values.  Returns the values."
  (setq - form)
  (let ((values (multiple-value-list (eval form))))
    (setq +++ ++ ++ + + form
          /// // // / / values
          *** ** ** * * (car values))
    (values-list values)))

;;; Memory and tools

(defun room (&optional (detail :default))
  (declare (ignore detail))
  (%sys.collect)
  (format *standard-output* "~&Unreachable objects were collected; the host keeps the figures of the heap.~%")
  (values))

(defun ed (&optional thing)
  (%not-yet-supported "the editor (ED ~S)" thing))

(defun disassemble (function)
  (let ((function (cond ((functionp function) function)
                        ((and (consp function) (eq (car function) 'lambda)) (compile nil function))
                        (t (fdefinition function)))))
    (format *standard-output* "~&; ~S: Wasm function ~D~:[~; with an environment~]~%"
            (%written-name (%get function name function)) (%get function code function)
            (%get function env function))
    nil))

;;; DRIBBLE

(defvar *dribble* nil)      ; the stream of the file and the two standard streams to restore

(defun %end-dribble ()
  (destructuring-bind (file input output) *dribble*
    (setq *standard-input* input
          *standard-output* output
          *dribble* nil)
    (close file)))

(defun dribble (&optional pathname)
  (cond ((and pathname *dribble*) (%error "Dribbling is under way already."))
        (pathname
         (let ((file (open pathname :direction :output :if-exists :append :if-does-not-exist :create)))
           (setq *dribble* (list file *standard-input* *standard-output*)
                 *standard-input* (make-echo-stream *standard-input* file)
                 *standard-output* (make-broadcast-stream *standard-output* file))))
        (*dribble* (%end-dribble))
        (t (%error "No dribbling is under way.")))
  (values))
