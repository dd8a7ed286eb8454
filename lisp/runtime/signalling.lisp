;;;; Signalling with restarts: CERROR, WARN, BREAK, the debugger, and the entry points of compiled code whose errors
;;;; can be continued (CLHS 9.2).

(in-package :clysm)

;;; Signalling with restarts.

(defun %cerror (continue-format condition arguments associated)
  (with-condition-restarts condition associated
    (restart-case
        (with-condition-restarts condition (%first-restarts 1)
          (error condition))
      (continue ()
        :report (lambda (stream) (apply #'format stream continue-format arguments))
        nil))))

(defun %cerror-condition (datum arguments)
  ;; Beside a condition object the arguments are for the continue format only.
  (if (%condition-p datum) datum (%coerce-to-condition datum arguments 'simple-error)))

(defun cerror (continue-format datum &rest arguments)
  (%cerror continue-format (%cerror-condition datum arguments) arguments '()))

(defun warn (datum &rest arguments)
  (when (and arguments (%condition-p datum))
    (%type-error arguments 'null))
  (let ((condition (%coerce-to-condition datum arguments 'simple-warning)))
    (unless (typep condition 'warning) (%type-error condition 'warning))
    (restart-case
        (with-condition-restarts condition (%first-restarts 1)
          (%signal condition)
          (format *error-output* "~&~:[~;STYLE-~]WARNING: ~A~%" (typep condition 'style-warning) condition))
      (muffle-warning ()
        :report "Skip the warning."
        nil))
    nil))

(defun break (&optional (format-control "Break") &rest format-arguments)
  (with-simple-restart (continue "Return from BREAK.")
    (let ((*debugger-hook* nil))
      (invoke-debugger (make-condition 'simple-condition
                                       :format-control format-control
                                       :format-arguments format-arguments))))
  nil)

;;; What ASSERT and CHECK-TYPE do on failure.

(defun %prompt-for-value (prompt)
  "Reads a form from *QUERY-IO* and returns its value in a list, as an interactive restart function does."
  (format *query-io* "~&~A: " prompt)
  (finish-output *query-io*)
  ;; Called by name, so that a program in which a value may be asked for needn't contain the reader and the evaluator.
  (list (funcall 'eval (funcall 'read *query-io*))))

(defun %assert-failed (test datum arguments values)
  "Signals the failure of an ASSERT of the form TEST; returns when the restart CONTINUE is invoked."
  (let ((condition (cond (datum (%coerce-to-condition datum arguments 'simple-error))
                         (values (make-condition 'simple-error
                                                 :format-control "The assertion ~S failed with ~:{~S = ~S~:^, ~}."
                                                 :format-arguments (list test values)))
                         (t (make-condition 'simple-error
                                            :format-control "The assertion ~S failed."
                                            :format-arguments (list test))))))
    (restart-case
        (with-condition-restarts condition (%first-restarts 1)
          (error condition))
      (continue ()
        :report (lambda (stream)
                  (format stream "Retry the assertion~:[.~; with new values for the places.~]" values))
        nil))))

(defun %assert-prompt (place value)
  "The value that PLACE of a failed ASSERT shall have from now on: VALUE, or what the user types."
  (if (y-or-n-p "The old value of ~S is ~S. Do you want to supply a new value?" place value)
      (car (%prompt-for-value (format nil "The new value of ~S" place)))
      value))

(defun %check-type-failed (place value type type-string)
  "Signals that VALUE of PLACE is not of TYPE; returns the value that the restart STORE-VALUE gives."
  (let ((condition (make-condition '%check-type-error :datum value :expected-type type
                                                      :place place :type-string type-string)))
    (restart-case
        (with-condition-restarts condition (%first-restarts 1)
          (error condition))
      (store-value (new-value)
        :report (lambda (stream) (format stream "Supply a new value for ~S." place))
        :interactive (lambda () (%prompt-for-value (format nil "The new value of ~S" place)))
        new-value))))

;;; Entry points of compiled code. The restarts promised by the standard decide what is returned.

(defun %signal-undefined-function (name)
  "Signals that NAME has no function; returns the function that a restart provides."
  (let* ((name (%written-name name))
         (condition (make-condition 'undefined-function :name (%public-name name))))
    (restart-case
        (with-condition-restarts condition (%first-restarts 2)
          (error condition))
      (continue ()
        :report (lambda (stream) (format stream "Retry calling ~S." name))
        (if (fboundp name) (fdefinition name) (%signal-undefined-function name)))
      (use-value (function)
        :report (lambda (stream) (format stream "Call another function instead of ~S." name))
        :interactive (lambda () (%prompt-for-value "The function to call"))
        (if (functionp function) function (fdefinition function))))))

(defun %signal-unbound-variable (name)
  "Signals that the variable NAME is unbound; returns the value that a restart provides."
  (let ((condition (make-condition 'unbound-variable :name (%public-name name))))
    (restart-case
        (with-condition-restarts condition (%first-restarts 3)
          (error condition))
      (continue ()
        :report (lambda (stream) (format stream "Retry using ~S." name))
        (symbol-value name))
      (use-value (value)
        :report (lambda (stream) (format stream "Use a value for ~S this once." name))
        :interactive (lambda () (%prompt-for-value "The value to use"))
        value)
      (store-value (value)
        :report (lambda (stream) (format stream "Give ~S a value." name))
        :interactive (lambda () (%prompt-for-value "The value to store"))
        (setf (symbol-value name) value)))))

(defun %use-cell-restarts (variable)
  "The same for errors of cells, whose restarts give a function or value to go on with."
  (declare (ignore variable))
  (setq *%undefined-function-signaller* #'%signal-undefined-function
        *%unbound-variable-signaller* #'%signal-unbound-variable))

(%use-cell-restarts '*%handlers*)
(%use-cell-restarts '*debugger-hook*)
(%use-cell-restarts '*break-on-signals*)

;;; The debugger: the hook, and then the end of the program or of the toplevel form.

(defun invoke-debugger (condition)
  (let ((hook *debugger-hook*))
    (when hook
      (let ((*debugger-hook* nil))
        (funcall hook condition hook))))
  (%unhandled condition))

(defvar *%reporting-unhandled* nil)

(defun %public-class-p (class)
  "True if CLASS is one that programs can name, and says more than that its report is a format string."
  (let ((name (%class-name class)))
    (not (or (eq name 'simple-condition)
             (and (eq (symbol-package name) (find-package "CLYSM")) (not (%external-at-home-p name)))))))

(defun %public-class-name (condition)
  "The name of the most specific class of CONDITION that is public."
  (%class-name (find-if #'%public-class-p (%class-precedence-list (%instance-class condition)))))

(defun %unhandled-text (condition)
  "\"Unhandled TYPE: report\"; if the report itself fails, what it failed with stands in for it."
  (let ((stream (make-string-output-stream))
        (*print-readably* nil)
        (*print-escape* nil))
    (write-string "Unhandled " stream)
    (%princ (%public-class-name condition) stream)
    (write-string ": " stream)
    (if *%reporting-unhandled*
        (write-string "(its report could not be printed)" stream)
        (let ((*%reporting-unhandled* t) (*%handlers* '()))
          (handler-case (%report-condition condition stream)
            (error (failure)
              (write-string "(its report failed with " stream)
              (%princ (%public-class-name failure) stream)
              (write-string ")" stream)))))
    (get-output-stream-string stream)))

(defun %unhandled (condition)
  (let ((octets (%string-octets (%unhandled-text condition))))
    (%sys.report-error octets (length octets))
    (throw '%toplevel condition)))
