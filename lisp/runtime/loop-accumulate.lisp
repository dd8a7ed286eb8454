;;;; The accumulation clauses of LOOP: COLLECT APPEND NCONC COUNT SUM MAXIMIZE MINIMIZE (CLHS 6.1.3).

(in-package :clysm)

(defstruct (%accumulator (:constructor %make-accumulator (name category variable last type)) (:copier nil) (:predicate nil))
  name                                  ; the INTO variable, or NIL for the value of the loop
  category                              ; :LIST, :SUM or :LIMIT
  variable                              ; holds the value; of a list: a cons before the list
  last                                  ; of a list: the last cons so far; of a limit with a type: whether there is a value
  type)

(defun %find-accumulator (name)
  (dolist (accumulator (%loop-accumulators *%loop*) nil)
    (when (eq (%accumulator-name accumulator) name) (return accumulator))))

(defun %accumulator (name category type)
  "The accumulator with NAME, made and bound at its first use."
  (let ((known (%find-accumulator name)))
    (cond ((null known) (%new-accumulator name category type))
          ((eq (%accumulator-category known) category) known)
          (t (%loop-error "~@[~S: ~]accumulations that don't go together" name)))))

(defun %new-accumulator (name category type)
  (when (and name (not (symbolp name))) (%loop-error "~S is no variable" name))
  (let ((accumulator (if (eq category :list)
                         (%new-list-accumulator name)
                         (%new-number-accumulator name category type))))
    (push accumulator (%loop-accumulators *%loop*))
    accumulator))

(defun %new-list-accumulator (name)
  (let ((head (gensym "HEAD")) (last (gensym "LAST")))
    (%bind-one head '(list nil))
    (%bind-one last head)
    ;; The variable is the list behind the head at any time, for the program too.
    (when name
      (%claim-variable name)
      (push (list name `(cdr ,head)) (%loop-symbol-macros *%loop*)))
    (%make-accumulator name :list head last 't)))

(defun %new-number-accumulator (name category type)
  (let* ((variable (or name (gensym "VALUE")))
         (declared (%loop-declarable-p type))
         (flag (and (eq category :limit) declared (gensym "ANY"))))
    (%bind-group (list (list variable (cond (declared (%loop-default type))
                                            ((eq category :sum) 0)
                                            (t nil))))
                 (%declarations variable type))
    (when flag (%bind-one flag nil))
    (%make-accumulator name category variable flag type)))

(defun %accumulator-result (accumulator)
  (let ((variable (%accumulator-variable accumulator)))
    (cond ((eq (%accumulator-category accumulator) :list) `(cdr ,variable))
          ((%accumulator-last accumulator) `(if ,(%accumulator-last accumulator) ,variable nil))
          (t variable))))

(defun %loop-append (last list)
  "Links a copy of LIST behind the cons LAST; returns the cons that is last then."
  (do ((rest list (cdr rest)))
      ((atom rest)
       (when rest (rplacd last rest))
       last)
    (let ((new (list (car rest))))
      (rplacd last new)
      (setq last new))))

(defun %loop-nconc (last list)
  "Links LIST behind the cons LAST; returns the cons that is last then."
  (cond ((consp list)
         (rplacd last list)
         (do ((rest list (cdr rest)))
             ((atom (cdr rest)) rest)))
        (t (when list (rplacd last list))
           last)))

(defun %accumulation-form (keyword form)
  "Parses what follows the accumulation KEYWORD and FORM; returns the form that accumulates."
  (let ((name (if (%loop-take :into)
                  (or (%loop-next) (%loop-error "INTO needs a variable"))
                  nil)))
    (case keyword
      ((:collect :collecting)
       (let ((a (%accumulator name :list 't)))
         `(rplacd ,(%accumulator-last a) (setq ,(%accumulator-last a) (list ,form)))))
      ((:append :appending)
       (let ((a (%accumulator name :list 't)))
         `(setq ,(%accumulator-last a) (%loop-append ,(%accumulator-last a) ,form))))
      ((:nconc :nconcing)
       (let ((a (%accumulator name :list 't)))
         `(setq ,(%accumulator-last a) (%loop-nconc ,(%accumulator-last a) ,form))))
      ((:count :counting)
       (let ((variable (%accumulator-variable (%accumulator name :sum (%loop-type)))))
         `(when ,form (setq ,variable (1+ ,variable)))))
      ((:sum :summing)
       (let ((variable (%accumulator-variable (%accumulator name :sum (%loop-type)))))
         `(setq ,variable (+ ,variable ,form))))
      (t (%limit-form (if (member keyword '(:maximize :maximizing) :test #'eq) '> '<)
                      form
                      (%accumulator name :limit (%loop-type)))))))

(defun %limit-form (comparison form accumulator)
  "The form that makes the value of FORM the value of ACCUMULATOR if it is more extreme."
  (let ((new (gensym "NEW"))
        (variable (%accumulator-variable accumulator))
        (flag (%accumulator-last accumulator)))
    `(let ((,new ,form))
       ,(if flag
            `(if ,flag
                 (when (,comparison ,new ,variable) (setq ,variable ,new))
                 (setq ,flag t ,variable ,new))
            `(when (or (null ,variable) (,comparison ,new ,variable))
               (setq ,variable (%loop-real ,new)))))))

(defun %loop-real (x)
  (if (realp x) x (%type-error x 'real)))
