;;;; The command line of Stage 1:
;;;;
;;;;   compile FILE... -o OUT.wasm [--report R.json]    compile the files of a program, or all files of the library, to one module
;;;;   compile --expr EXPR -o OUT.wasm                  compile the forms in EXPR
;;;;
;;;; and for both:
;;;;
;;;;   --library          the files are those of the library, in load order, whatever their names
;;;;   --stage N          the stage that the report is about, 2 if not given
;;;;   --time SECONDS     the time in the report, in seconds since 1970; the clock's if not given
;;;;   --function-names   the module names its functions
;;;;
;;;; It ends with the exit codes of all commands: 0 success, 1 some forms failed, 2 failure, 3 a file was not found.

(in-package :clysm-compiler)

(defconstant +exit-success+ 0)
(defconstant +exit-partial+ 1)
(defconstant +exit-failure+ 2)
(defconstant +exit-missing+ 3)

(define-condition command-failure (error)
  ((code :initarg :code :reader command-failure-code)
   (kind :initarg :kind :initform nil :reader command-failure-kind)
   (text :initarg :text :reader command-failure-text))
  (:documentation "The command can't do its work.")
  (:report (lambda (condition stream) (write-string (command-failure-text condition) stream))))

(defun command-failure (code control &rest arguments)
  "Ends the command."
  (error 'command-failure :code code :text (apply #'format nil control arguments)))

(defun file-failure (code kind name reason)
  "Ends the command, which can't read the file NAME."
  (error 'command-failure :code code :kind kind :text (format nil "cannot read ~A: ~A" name reason)))

(defun usage-failure (control &rest arguments)
  (command-failure +exit-failure+ "~?~%usage: compile FILE... -o OUT.wasm [--report R.json], or compile --expr EXPR -o OUT.wasm"
                   control arguments))

(defstruct (command (:copier nil))
  "What the arguments ask for."
  (files '())
  (expression nil)
  (output nil)
  (report nil)
  (library-p nil)
  (stage 2)
  (time nil)
  (function-names nil))

(defun parse-command (arguments)
  "The command that ARGUMENTS, strings, ask for."
  (unless (equal (first arguments) "compile")
    (usage-failure "unknown command: ~A" (first arguments)))
  (let ((command (make-command)) (rest (rest arguments)))
    (flet ((operand (option)
             (if (null rest)
                 (usage-failure "~A needs an argument" option)
                 (pop rest))))
      (loop
        (when (null rest) (return))
        (let ((argument (pop rest)))
          (cond ((member argument '("-o" "--output") :test #'string=)
                 (setf (command-output command) (operand argument)))
                ((string= argument "--report") (setf (command-report command) (operand argument)))
                ((string= argument "--expr") (setf (command-expression command) (operand argument)))
                ((string= argument "--library") (setf (command-library-p command) t))
                ((string= argument "--stage") (setf (command-stage command) (natural-number (operand argument))))
                ((string= argument "--time") (setf (command-time command) (natural-number (operand argument))))
                ((string= argument "--function-names") (setf (command-function-names command) t))
                ((string= argument "--") (setf (command-files command) (append (reverse rest) (command-files command))
                                               rest '()))
                ((and (> (length argument) 1) (char= (char argument 0) #\-)) (usage-failure "unknown option: ~A" argument))
                (t (push argument (command-files command)))))))
    (setf (command-files command) (reverse (command-files command)))
    (check-command command)))

(defun natural-number (text)
  (if (and (plusp (length text)) (every #'digit-char-p text))
      (values (parse-integer text))
      (usage-failure "not a number: ~A" text)))

(defun check-command (command)
  (cond ((null (command-output command)) (usage-failure "no output: give -o OUT.wasm"))
        ((and (null (command-files command)) (null (command-expression command))) (usage-failure "no input files"))
        ((and (command-files command) (command-expression command)) (usage-failure "both files and --expr"))
        (t command)))

;;; Files.

(defun native-pathname (name)
  "The pathname of a file's NAME, in which no character is special."
  (clysm::%parse-native name))

(defun read-source-file (name)
  "The text of the file NAME, which is UTF-8."
  (let ((pathname (native-pathname name)))
    (unless (probe-file pathname)
      (file-failure +exit-missing+ "missing-file" name "no such file or directory"))
    (handler-case
        (with-open-file (stream pathname)
          ;; A character takes at least an octet.
          (let* ((text (make-string (file-length stream)))
                 (count (read-sequence text stream)))
            (subseq text 0 count)))
      (error (condition)
        (file-failure +exit-failure+ "unreadable-file" name
                      (if (search "UTF-8" (princ-to-string condition))
                          "stream did not contain valid UTF-8"
                          condition))))))

(defun replace-file (name write element-type)
  "Replaces the file NAME by what the function WRITE puts out, or leaves it as it is."
  (handler-case
      (with-open-file (stream (native-pathname name) :direction :output :if-exists :supersede :element-type element-type)
        (funcall write stream))
    (error (condition)
      (command-failure +exit-failure+ "~A: ~A" name condition))))

;;; The command.

(defun command-sources (command)
  (if (command-expression command)
      (list (cons "--expr" (command-expression command)))
      (mapcar (lambda (name) (cons name (read-source-file name)))
              (command-files command))))

(defun command-seconds (command)
  "The time in the report."
  (or (command-time command)
      (handler-case (- (get-universal-time) 2208988800)
        (error () 0))))

(defun run-command (command)
  "Compiles, writes the module if everything compiled and the report in any case, and returns the exit code."
  (let ((sources (command-sources command)))
    (multiple-value-bind (octets report diagnostics source-map)
        (compile-all sources
                     :library-p (or (command-library-p command) (library-sources-p sources))
                     :stage (command-stage command)
                     :time (command-seconds command)
                     :function-names (command-function-names command))
      (render-diagnostics diagnostics source-map *error-output*)
      (when octets
        (replace-file (command-output command)
                      (lambda (stream) (write-sequence octets stream))
                      '(unsigned-byte 8)))
      (when (command-report command)
        (replace-file (command-report command)
                      (lambda (stream) (write-report report stream))
                      'character))
      (cond (octets +exit-success+)
            ((eql (report-exit-code report) +exit-success+) +exit-failure+)
            (t (report-exit-code report))))))

(defun main (&optional (arguments (rest (clysm:argv))))
  "Does what ARGUMENTS, those of the program, ask for, and ends the program; does nothing if there are none."
  (when arguments
    (clysm:exit (handler-case (run-command (parse-command arguments))
                  (command-failure (failure)
                    (format *error-output* "error~@[[~A]~]: ~A~%" (command-failure-kind failure) failure)
                    (command-failure-code failure))))))
