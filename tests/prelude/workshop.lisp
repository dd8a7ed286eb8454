;;;; Exports that reach tools in all the ways in which a definition can reach one, for generated programs. Each takes one argument.

(defpackage :workshop
  (:use :common-lisp)
  (:export #:idle #:plain #:helped #:ping #:pong #:each #:stamp #:remote #:relayed #:careful #:calmly #:modal #:hire #:leave #:complain
           #:register #:run-registered #:named #:served #:+limit+ #:*worker* #:+team+))

(in-package :workshop)

(defconstant +limit+ 3 "Nothing but a number.")

(defun idle (x)
  "Reaches nothing."
  x)

(defun plain (x)
  (clysm:call-tool "plain" x))

(defun help (x)
  (clysm:call-tool "helped" x))

(defun helped (x)
  "Through a helper."
  (help x))

(defun ping (x)
  "With PONG, each through the other."
  (if (and (integerp x) (< 0 x 5)) (pong (- x 1)) (clysm:call-tool "ping" x)))

(defun pong (x)
  (if (and (integerp x) (< 0 x 5)) (ping (- x 1)) (clysm:call-tool "pong" x)))

(defun each (function)
  "Calls what the program hands it."
  (mapcar function (list 1 2)))

(defun stamp (stream object &rest parameters)
  "For ~/name/."
  (declare (ignore parameters))
  (prin1 (clysm:call-tool "stamp" object) stream))

(defun remote (x)
  (clysm:call-upstream "store" "fetch" x))

(defun relay (x)
  (clysm:call-upstream "store" "put" x))

(defun relayed (x)
  "Through a symbol."
  (mapcar 'relay (list x)))

(defun careful (x)
  "With another tool where the first one fails."
  (handler-case (clysm:call-tool "fragile" x)
    (clysm:tool-error () (clysm:call-tool "fallback" x))))

(defun wild (x)
  (clysm:call-tool "wild" x))

(defun calm (x)
  (clysm:call-tool "calm" x))

(defvar *mode* #'wild)

(defun calmly (function)
  "Binds what MODAL calls."
  (let ((*mode* #'calm))
    (funcall function 1)))

(defun modal (x)
  (funcall *mode* x))

(defun hire (x)
  "A closure that calls a tool."
  (lambda (&rest more)
    (clysm:call-tool "hired" x (length more))))

(defun leave (x)
  "Leaves for a tag of the program."
  (throw :out (clysm:call-tool "leave" x)))

(defun complain (x)
  "Signals, and calls a tool when the program goes on."
  (restart-case (error "No ~S." x)
    (replace () (clysm:call-tool "replaced" x))))

(defvar *registered* '())

(defun register (function)
  (push function *registered*)
  nil)

(defun night (x)
  (clysm:call-tool "night" x))

(register #'night)

(defun run-registered (x)
  "Calls what was registered when the prelude was loaded, and by programs."
  (mapcar (lambda (function) (funcall function x)) *registered*))

(defun named (name)
  "By a computed name."
  (clysm:call-tool name 1))

(defun served (name)
  (clysm:call-upstream "store" name 1))

(defparameter *worker* (lambda (x) (clysm:call-tool "worker" x))
  "A function.")

(defparameter +team+ (list #'plain 'helped (lambda (x) (clysm:call-tool "team" x)))
  "Functions, and the name of one.")
