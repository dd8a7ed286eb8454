;;;; The standard stream variables (CLHS 21.1.3) and questions to the user.

(in-package :clysm)

(defun %open-terminal-stream (descriptor operations input-p buffering)
  "A stream on one of the three descriptors that the host opens."
  (let ((interactive-p (eql (%io.interactive descriptor) 1)))
    (%make-terminal-stream
     :operations operations
     :element-type :default
     :descriptor descriptor
     :input-p input-p
     :output-p (not input-p)
     :interactive-p interactive-p
     :external-format :utf-8
     :buffering (or buffering (if interactive-p :line :full)))))

;; Standard streams take characters and octets.
(defun %open-terminal-input (descriptor)
  (%open-terminal-stream descriptor (%add-input-operations (%copy-operations *fd-operations*) t t) t nil))

(defun %open-terminal-output (descriptor buffering)
  (%open-terminal-stream descriptor (%add-output-operations (%copy-operations *fd-operations*) t t) nil buffering))

;;; Each variable by itself, so that a program gets the streams that it uses.

(defvar *stdin* (%open-terminal-input 0))
(defvar *stdout* (%open-terminal-output 1 nil))
(defvar *stderr* (%open-terminal-output 2 :none))
(setq *standard-input* *stdin*)
(setq *standard-output* *stdout*)
(setq *error-output* *stderr*)
(setq *trace-output* *stdout*)
(setq *terminal-io* (make-two-way-stream *stdin* *stdout*))
(%use-terminal '*terminal-io*)
(setq *query-io* (make-synonym-stream '*terminal-io*))
(setq *debug-io* (make-synonym-stream '*terminal-io*))

(defun %finish-standard-output ()
  "Hands over what waits on the standard output, so that a prompt is seen before its answer is waited for."
  (when (open-stream-p *stdout*) (%fd-flush *stdout*)))

(defun %finish-standard-streams ()
  "Hands over all that waits on the standard streams; called when the program ends. Nothing waits on the error output."
  (%finish-standard-output))

(defun %finish-at-end (variable)
  "Has the end of the program write out what waits, where VARIABLE is mentioned."
  (declare (ignore variable))
  (setq *%at-end* #'%finish-standard-streams))

(%finish-at-end '*stdout*)

;;; Questions (CLHS Y-OR-N-P, YES-OR-NO-P)

(defun %ask (control arguments hint)
  (fresh-line *query-io*)
  (when control
    (apply #'format *query-io* control arguments)
    (write-char #\Space *query-io*))
  (write-string hint *query-io*)
  (finish-output *query-io*))

(defun %answer ()
  "The line typed, without white space around it."
  (string-trim '(#\Space #\Tab #\Return) (read-line *query-io*)))

(defun %question (control arguments hint yes no)
  (loop
    (%ask control arguments hint)
    (let ((answer (%answer)))
      (cond ((string-equal answer yes) (return t))
            ((string-equal answer no) (return nil))
            (t (format *query-io* "~&Please answer ~A or ~A.~%" yes no))))))

(defun y-or-n-p (&optional control &rest arguments)
  (%question control arguments "(y or n) " "y" "n"))

(defun yes-or-no-p (&optional control &rest arguments)
  (clear-input *query-io*)
  (%question control arguments "(yes or no) " "yes" "no"))
