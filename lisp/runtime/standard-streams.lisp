;;;; The standard stream variables (CLHS 21.1.3) and questions to the user.

(in-package :clysm)

(defun %terminal-operations (input-p)
  "Standard streams take characters and octets."
  (%fd-operation-table input-p (not input-p) t t))

(defun %open-terminal-stream (descriptor input-p buffering)
  "A stream on one of the three descriptors that the host opens."
  (let ((interactive-p (eql (%io.interactive descriptor) 1)))
    (%make-terminal-stream
     :operations (%terminal-operations input-p)
     :element-type :default
     :descriptor descriptor
     :input-p input-p
     :output-p (not input-p)
     :interactive-p interactive-p
     :external-format :utf-8
     :buffering (or buffering (if interactive-p :line :full)))))

(defvar *stdin*)
(defvar *stdout*)
(defvar *stderr*)
(defvar *standard-input*)
(defvar *standard-output*)
(defvar *error-output*)
(defvar *trace-output*)
(defvar *terminal-io*)
(defvar *query-io*)
(defvar *debug-io*)

(defun %open-standard-streams ()
  "Gives the standard variables fresh streams on the host's descriptors; for a new image and for one brought back."
  (setq *stdin* (%open-terminal-stream 0 t nil)
        *stdout* (%open-terminal-stream 1 nil nil)
        *stderr* (%open-terminal-stream 2 nil :none)
        *standard-input* *stdin*
        *standard-output* *stdout*
        *error-output* *stderr*
        *trace-output* *stdout*
        *terminal-io* (make-two-way-stream *stdin* *stdout*)
        *query-io* (make-synonym-stream '*terminal-io*)
        *debug-io* (make-synonym-stream '*terminal-io*)))

(%open-standard-streams)

(defun %finish-standard-output ()
  "Hands over what waits on the standard output, so that a prompt is seen before its answer is waited for."
  (when (open-stream-p *stdout*) (%fd-flush *stdout*)))

(defun %finish-standard-streams ()
  "Hands over all that waits on the standard streams; called when the program ends."
  (%finish-standard-output)
  (when (open-stream-p *stderr*) (%fd-flush *stderr*)))

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
