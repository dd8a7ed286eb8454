;;;; Restarts, and the macros ASSERT and CHECK-TYPE (CLHS 9.1.4, 9.2).

(in-package :clysm)

;;; The established restarts, innermost first, and the associations made by WITH-CONDITION-RESTARTS:
;;; entries (condition . restarts), innermost first. Both are rebound, never mutated.
(defvar *%restarts* '())
(defvar *%condition-restarts* '())

(defstruct (restart (:constructor %make-restart (name function report-function interactive-function test-function))
                    (:copier nil) (:predicate %restart-p) (:conc-name %restart-))
  name function report-function interactive-function test-function)

(defun restart-name (restart)
  (unless (%restart-p restart) (%type-error restart 'restart))
  (%restart-name restart))

(defun %restart-visible-p (restart condition)
  "True if RESTART may be seen when CONDITION is the condition of interest (NIL: any)."
  (and (or (null condition)
           (let ((associated nil))
             (dolist (entry *%condition-restarts* (not associated))
               (when (member restart (cdr entry) :test #'eq)
                 (when (eq (car entry) condition) (return t))
                 (setq associated t)))))
       (let ((test (%restart-test-function restart)))
         (or (null test) (funcall test condition)))))

(defun compute-restarts (&optional condition)
  (let ((result '()))
    (dolist (restart *%restarts* (nreverse result))
      (when (%restart-visible-p restart condition)
        (push restart result)))))

(defun find-restart (identifier &optional condition)
  (cond ((%restart-p identifier)
         (and (member identifier *%restarts* :test #'eq)
              (%restart-visible-p identifier condition)
              identifier))
        ((not (symbolp identifier)) (%type-error identifier '(or symbol restart)))
        (t (dolist (restart *%restarts* nil)
             (when (and (eq (%restart-name restart) identifier)
                        (%restart-visible-p restart condition))
               (return restart))))))

(defun %find-restart-or-fail (identifier condition)
  (or (find-restart identifier condition)
      (%control-error "No restart ~S is active~@[ for ~S~]." identifier condition)))

(defun invoke-restart (restart &rest arguments)
  (apply (%restart-function (%find-restart-or-fail restart nil)) arguments))

(defun invoke-restart-interactively (restart)
  (let* ((found (%find-restart-or-fail restart nil))
         (interactive (%restart-interactive-function found)))
    (apply (%restart-function found) (if interactive (funcall interactive) '()))))

(defun %report-restart (restart stream)
  "Writes what RESTART would do, as *PRINT-ESCAPE* false asks of its printer."
  (let ((report (%restart-report-function restart)))
    (cond ((null report) (prin1 (%restart-name restart) stream))
          ((stringp report) (write-string report stream))
          (t (funcall report stream)))))

;;; Establishing.

(defmacro restart-bind (bindings &body body)
  (if (null bindings)
      `(progn ,@body)
      `(let ((*%restarts*
               (list* ,@(mapcar
                         (lambda (binding)
                           (destructuring-bind (name function &key report-function interactive-function test-function)
                               binding
                             `(%make-restart ',name ,function ,report-function ,interactive-function ,test-function)))
                         bindings)
                      *%restarts*)))
         ,@body)))

(defmacro with-condition-restarts (condition restarts &body body)
  (let ((c (gensym "CONDITION")))
    `(let* ((,c ,condition)
            (*%condition-restarts* (cons (cons ,c ,restarts) *%condition-restarts*)))
       ,@body)))

(defun %parse-restart-clause (clause)
  "The parts of a RESTART-CASE clause: name, lambda list, body, and the forms of RESTART-BIND's keyword arguments."
  (let ((body (cddr clause)) (options '()))
    (do () ((not (and (consp (cdr body)) (member (car body) '(:report :interactive :test) :test #'eq))))
      (let ((key (car body)) (value (cadr body)))
        (setq options
              (list* (cond ((eq key :report) :report-function)
                           ((eq key :interactive) :interactive-function)
                           (t :test-function))
                     (if (stringp value) value `(function ,value))
                     options))
        (setq body (cddr body))))
    (values (car clause) (cadr clause) body options)))

(defun %associate-restarts (form count env)
  "FORM, the restartable form of a RESTART-CASE with COUNT clauses; when it signals, rewritten to associate the restarts."
  (let ((expansion (macroexpand form env))
        (restarts `(%first-restarts ,count)))
    (if (and (consp expansion) (member (car expansion) '(signal error warn cerror) :test #'eq))
        (let* ((operator (car expansion))
               (arguments (cdr expansion))
               (continue-format (and (eq operator 'cerror) (list (car arguments))))
               (datum (car (if continue-format (cdr arguments) arguments)))
               (rest (cdr (if continue-format (cdr arguments) arguments)))
               (c (gensym "CONDITION"))
               (a (gensym "ARGUMENTS"))
               (default (cond ((eq operator 'signal) 'simple-condition)
                              ((eq operator 'warn) 'simple-warning)
                              (t 'simple-error))))
          (if continue-format
              (let ((f (gensym "FORMAT")))
                `(let* ((,f ,(car continue-format)) (,c ,datum) (,a (list ,@rest)))
                   (%cerror ,f (%cerror-condition ,c ,a) ,a ,restarts)))
              `(let ((,c (%coerce-to-condition ,datum (list ,@rest) ',default)))
                 (with-condition-restarts ,c ,restarts (,operator ,c)))))
        form)))

(defun %first-restarts (count)
  (let ((result '()) (rest *%restarts*))
    (dotimes (i count (nreverse result))
      (push (pop rest) result))))

(defmacro restart-case (form &rest clauses &environment env)
  (if (null clauses)
      form
      (let ((block (gensym "RESTART-CASE"))
            (arguments (gensym "ARGUMENTS"))
            (bindings '())
            (sections '()))
        (dolist (clause clauses)
          (multiple-value-bind (name lambda-list body options) (%parse-restart-clause clause)
            (let ((tag (gensym "RESTART")))
              (push (if (null lambda-list)
                        `(,name (lambda () (go ,tag)) ,@options)
                        `(,name (lambda (&rest a) (setq ,arguments a) (go ,tag)) ,@options))
                    bindings)
              (push tag sections)
              (push `(return-from ,block
                       ,(if (null lambda-list)
                            `(let () ,@body)
                            `(apply (lambda ,lambda-list ,@body) ,arguments)))
                    sections))))
        `(block ,block
           (let ((,arguments nil))
             (declare (ignorable ,arguments))
             (tagbody
                (restart-bind ,(nreverse bindings)
                  (return-from ,block ,(%associate-restarts form (length clauses) env)))
                ,@(nreverse sections)))))))

(defmacro with-simple-restart ((name format-control &rest format-arguments) &body body)
  (let ((stream (gensym "STREAM")))
    `(restart-case (progn ,@body)
       (,name ()
         :report (lambda (,stream) (format ,stream ,format-control ,@format-arguments))
         (values nil t)))))

;;; The restart functions of the standard (CLHS ABORT, CONTINUE, ...).

(defun abort (&optional condition)
  (invoke-restart (%find-restart-or-fail 'abort condition)))

(defun muffle-warning (&optional condition)
  (invoke-restart (%find-restart-or-fail 'muffle-warning condition)))

(defun continue (&optional condition)
  (let ((restart (find-restart 'continue condition)))
    (when restart (invoke-restart restart))))

(defun store-value (value &optional condition)
  (let ((restart (find-restart 'store-value condition)))
    (when restart (invoke-restart restart value))))

(defun use-value (value &optional condition)
  (let ((restart (find-restart 'use-value condition)))
    (when restart (invoke-restart restart value))))

;;; ASSERT and CHECK-TYPE: the loops are in the expansions, the work is in functions (signalling.lisp).

(defmacro assert (test &optional places (datum nil datum-p) &rest arguments)
  (let ((retry (gensym "RETRY")) (done (gensym "DONE")))
    `(block ,done
       (tagbody
          ,retry
          (when ,test (return-from ,done nil))
          (%assert-failed ',test ,@(if datum-p
                                       `(,datum (list ,@arguments) nil)
                                       `(nil nil
                                         (list ,@(mapcar (lambda (place) `(list ',place ,place)) places)))))
          ,@(mapcar (lambda (place) `(setf ,place (%assert-prompt ',place ,place))) places)
          (go ,retry)))))

(defmacro check-type (place type &optional type-string)
  (let ((retry (gensym "RETRY")) (done (gensym "DONE")) (value (gensym "VALUE")))
    `(block ,done
       (tagbody
          ,retry
          (let ((,value ,place))
            (when (typep ,value ',type) (return-from ,done nil))
            (setf ,place (%check-type-failed ',place ,value ',type ,type-string)))
          (go ,retry)))))
