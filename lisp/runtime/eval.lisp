;;;; The evaluator (CLHS 3.1, EVAL): a form becomes a tree of closures once, and running it calls them.
;;;;
;;;; Such a closure, a NODE, takes the current run-time frame and returns the values of its form.  A frame is a simple
;;;; vector: element 0 is the enclosing frame, the others hold variables, local functions and exit tags.  A FRAME object
;;;; describes a frame while nodes are made; the vector's size is known when all that lives in it has been seen.
;;;;
;;;; ENV is an environment as expanders get it (see expand.lisp), with more in its entries:
;;;;   (:variable NAME FRAME INDEX) or (:variable NAME :special)   (:function NAME FRAME INDEX)
;;;;   (:block NAME . EXIT)   (:tag NAME EXIT . INDEX)
;;;;
;;;; RETURN-FROM and GO leave by returning a mark where the way out leads through nodes only (see eval-control.lisp).
;;;; EXITS says which blocks and tagbodies a node may reach so: a cons of two lists of exits, those whose value is the
;;;; value of the node itself, and all that look for marks.  It is NIL where a value is wanted.

(in-package :clysm)

(defstruct (%frame (:constructor %make-frame (level)) (:copier nil) (:predicate nil))
  level
  (size 1))

(defun %inner-frame (frame)
  (%make-frame (+ (%frame-level frame) 1)))

(defun %frame-slot (frame)
  "The index of a new element of FRAME."
  (let ((index (%frame-size frame)))
    (setf (%frame-size frame) (+ index 1))
    index))

(defmacro define-evaluator (name (form env frame exits) &body body)
  "Defines how a form with the operator NAME becomes a node."
  `(%set-info ',name :evaluator
              (lambda (,form ,env ,frame ,exits)
                (declare (ignorable ,form ,env ,frame ,exits))
                ,@body)))

(defmacro %node ((frame) &body body)
  `(lambda (,frame) (declare (ignorable ,frame)) ,@body))

(defmacro %run (node frame)
  `(%funcall ,node ,frame))

(defmacro %frame-ref (vector index)
  `(%array-ref simple-vector ,vector (%i32 ,index)))

(defmacro %frame-set (vector index value)
  `(%array-set simple-vector ,vector (%i32 ,index) ,value))

;;; Entry

(defun eval (form)
  (%eval-in-env form nil))

(defun %eval-in-env (form env)
  "Evaluates FORM where the macros and symbol macros of ENV can be seen."
  (cond ((symbolp form) (%eval-form form env))
        ((atom form) form)
        ((and (eq (car form) 'quote) (consp (cdr form)) (null (cddr form))) (cadr form))
        ((member (car form) '(progn eval-when locally macrolet symbol-macrolet))
         (%eval-toplevel form env))
        (t (multiple-value-bind (expansion expanded) (macroexpand-1 form env)
             (if expanded
                 (%eval-in-env expansion env)
                 (%eval-form form env))))))

(defun %eval-toplevel (form env)
  "Evaluates the parts of FORM one after the other, so that each sees the definitions of those before (CLHS 3.2.3.1)."
  (%check-form form 0 nil)
  (case (car form)
    (progn (%eval-forms (cdr form) env))
    (eval-when (if (%eval-situation-p (cadr form)) (%eval-forms (cddr form) env) nil))
    (t (%eval-local-toplevel form env))))

(defun %eval-local-toplevel (form env)
  "The same for a form whose body may begin with declarations."
  (multiple-value-bind (forms declarations)
      (%parse-body (if (eq (car form) 'locally) (cdr form) (cddr form)) nil)
    (if (%declared-special declarations)
        (%eval-form form env)
        (%eval-forms forms
                     (case (car form)
                       (macrolet (%macrolet-environment (cadr form) env))
                       (symbol-macrolet (%symbol-macrolet-environment (cadr form) '() env))
                       (t env))))))

(defun %eval-forms (forms env)
  (cond ((null forms) nil)
        (t (loop
             (when (null (cdr forms)) (return))
             (%eval-in-env (car forms) env)
             (setq forms (cdr forms)))
           (%eval-in-env (car forms) env))))

(defun %eval-form (form env)
  (let* ((frame (%make-frame 0))
         (node (%evaluator form (%macros-of env) frame nil)))
    (%run node (%array-new simple-vector (%i32 (%frame-size frame)) nil))))

(defun %macros-of (env)
  "ENV without the variables and functions that exist only where it was made."
  (if (null env)
      nil
      (let ((entries '()))
        (dolist (entry env (nreverse entries))
          (when (member (car entry) '(:macro :symbol-macro))
            (push entry entries))))))

;;; Dispatch

(defun %evaluator (form env frame exits)
  "The node of FORM."
  (cond ((symbolp form) (%variable-evaluator form env frame exits))
        ((atom form) (%constant-node form))
        (t (let ((head (car form)))
             (cond ((symbolp head)
                    (%operator-evaluator head form env frame exits))
                   ((and (consp head) (eq (car head) 'lambda))
                    (%call-of-node (%lambda-evaluator nil head env frame) (cdr form) env frame))
                   (t (%program-error "~S is not an operator, in ~S" head form)))))))

(defun %operator-evaluator (head form env frame exits)
  (let ((entry (if env (%function-entry head env) nil)))
    (cond ((null entry)
           (let ((evaluator (%info head :evaluator)))
             (cond (evaluator (%funcall evaluator form env frame exits))
                   ((%macro-function-in head env) (%expansion-evaluator form env frame exits))
                   ((special-operator-p head)
                    (%not-yet-supported "the special operator ~S in the evaluator" head))
                   (t (%global-call head form env frame)))))
          ((eq (car entry) :macro) (%expansion-evaluator form env frame exits))
          (t (%call-of-node (%place-node frame (third entry) (fourth entry)) (cdr form) env frame)))))

(defun %expansion-evaluator (form env frame exits)
  (%evaluator (macroexpand-1 form env) env frame exits))

(defun %evaluators (forms env frame)
  "The nodes of FORMS, of which the values are wanted."
  (mapcar (lambda (form) (%evaluator form env frame nil)) forms))

(defun %check-form (form minimum maximum)
  "Signals unless the special form FORM has MINIMUM to MAXIMUM arguments, any number when that is NIL."
  (let ((count (- (%proper-length form) 1)))
    (when (or (< count minimum) (and maximum (> count maximum)))
      (%program-error "~S is malformed: ~S" (car form) form))))

;;; Constants and variables

(defun %constant-node (value)
  (%node (f) value))

(defmacro %reader-table (depth index)
  "A node for each of the commonest places, with its depth and index built in."
  `(case ,depth
     ,@(mapcar (lambda (d)
                 (let ((vector 'f))
                   (dotimes (i d) (setq vector `(%array-ref simple-vector ,vector 0)))
                   `(,d (case ,index
                          ,@(mapcar (lambda (i) `(,i (%node (f) (%array-ref simple-vector ,vector ,i))))
                                    '(1 2 3 4))
                          (t (%node (f) (%frame-ref ,vector ,index)))))))
               '(0 1 2 3))
     (t (%node (f) (%frame-ref (%frame-up f ,depth) ,index)))))

(defun %frame-up (vector depth)
  (let ((n (%i32 depth)))
    (loop
      (when (%i32.eqz n) (return vector))
      (setq vector (%array-ref simple-vector vector 0)
            n (%i32.sub n (%i32 1))))))

(defun %place-node (frame home index)
  "A node that reads element INDEX of the frame HOME, seen from FRAME."
  (let ((depth (- (%frame-level frame) (%frame-level home))))
    (%reader-table depth index)))

(defun %global-special-p (symbol)
  (%flag-p symbol 1))

(defun %constant-variable-p (symbol)
  (or (null symbol) (eq symbol t) (keywordp symbol) (%flag-p symbol 2)))

(defun %variable-evaluator (symbol env frame exits)
  (multiple-value-bind (expansion expanded) (%symbol-macro-expansion symbol env)
    (if expanded
        (%evaluator expansion env frame exits)
        (let ((entry (if env (%variable-entry symbol env) nil)))
          (cond ((or (null entry) (not (cddr entry)) (eq (third entry) :special))
                 (%global-variable-node symbol))
                (t (%place-node frame (third entry) (fourth entry))))))))

(defun %global-variable-node (symbol)
  (cond ((or (null symbol) (eq symbol t) (keywordp symbol))
         (%constant-node symbol))
        (t (%node (f)
             (let ((value (%get symbol value symbol)))
               (if (eq value (%unbound)) (symbol-value symbol) value))))))

(defmacro %writer-table (depth index node)
  `(case ,depth
     ,@(mapcar (lambda (d)
                 (let ((vector 'f))
                   (dotimes (i d) (setq vector `(%array-ref simple-vector ,vector 0)))
                   `(,d (%node (f) (let ((value (%run ,node f))) (%frame-set ,vector ,index value))))))
               '(0 1 2))
     (t (%node (f) (let ((value (%run ,node f))) (%frame-set (%frame-up f ,depth) ,index value))))))

(defun %setq-evaluator (symbol form env frame exits)
  (unless (symbolp symbol) (%program-error "~S is not a variable" symbol))
  (multiple-value-bind (expansion expanded) (%symbol-macro-expansion symbol env)
    (if expanded
        (%evaluator `(setf ,expansion ,form) env frame exits)
        (let ((entry (if env (%variable-entry symbol env) nil))
              (node (%evaluator form env frame nil)))
          (cond ((or (null entry) (not (cddr entry)) (eq (third entry) :special))
                 (when (%constant-variable-p symbol)
                   (%program-error "~S is a constant and can't be set" symbol))
                 (%check-lock :assignment symbol)
                 (%node (f) (let ((value (%run node f))) (%set symbol value symbol value))))
                (t (let ((depth (- (%frame-level frame) (%frame-level (third entry))))
                         (index (fourth entry)))
                     (%writer-table depth index node))))))))

(define-evaluator setq (form env frame exits)
  (unless (oddp (%proper-length form))
    (%program-error "SETQ has an odd number of arguments: ~S" form))
  (let ((nodes '()))
    (do ((rest (cdr form) (cddr rest)))
        ((null rest))
      (push (%setq-evaluator (car rest) (cadr rest) env frame nil) nodes))
    (%sequence-node (nreverse nodes))))

(define-evaluator quote (form env frame exits)
  (%check-form form 1 1)
  (%constant-node (cadr form)))

;;; Function calls

(defmacro %with-arguments (n nodes (frame &rest variables) &body body)
  "A node that runs BODY with the values of the N nodes of the list NODES in VARIABLES."
  (let ((names (mapcar (lambda (variable) (declare (ignore variable)) (gensym "NODE")) variables)))
    `(let ,(let ((i -1)) (mapcar (lambda (name) (setq i (+ i 1)) `(,name (nth ,i ,nodes))) names))
       (declare (ignorable ,@names))
       (%node (,frame)
         (let* ,(let ((count 0) (bindings '()))
                  (mapc (lambda (variable name)
                          (when (< count n) (push `(,variable (%run ,name ,frame)) bindings))
                          (setq count (+ count 1)))
                        variables names)
                  (nreverse bindings))
           ,@body)))))

(defun %argument-vector (nodes frame)
  "A simple vector of the values of NODES, a simple vector of nodes."
  (let* ((n (%array-length simple-vector nodes))
         (vector (%array-new simple-vector n nil))
         (i (%i32 0)))
    (loop
      (when (%i32.ge_s i (%i32 n)) (return vector))
      (%array-set simple-vector vector i (%run (%array-ref simple-vector nodes i) frame))
      (setq i (%i32.add i (%i32 1))))))

(defmacro %symbol-call (symbol &rest arguments)
  "Calls the global function of the variable SYMBOL; an undefined one signals when it is called."
  `(%funcall (%get symbol function ,symbol) ,@arguments))

(defun %global-call (symbol form env frame)
  (when (< (%proper-length form) 0)
    (%program-error "The arguments of ~S are not a proper list" form))
  (ensure-callable symbol)
  (let* ((nodes (%evaluators (cdr form) env frame))
         (count (length nodes))
         (inline (and (< 0 count 4) (%inline-call symbol count nodes))))
    (or inline
        (case count
          (0 (%node (f) (%symbol-call symbol)))
          (1 (%with-arguments 1 nodes (f a) (%symbol-call symbol a)))
          (2 (%with-arguments 2 nodes (f a b) (%symbol-call symbol a b)))
          (3 (%with-arguments 3 nodes (f a b c) (%symbol-call symbol a b c)))
          (4 (%with-arguments 4 nodes (f a b c d) (%symbol-call symbol a b c d)))
          (t (let ((nodes (coerce nodes 'simple-vector)))
               (%node (f)
                 (let ((arguments (%argument-vector nodes f)))
                   (%apply-vector (%get symbol function symbol) arguments)))))))))

(defun %call-of-node (function forms env frame)
  "A node that calls the function object that the node FUNCTION gives."
  (let ((nodes (%evaluators forms env frame)))
    (case (length nodes)
      (0 (%node (f) (%funcall (%run function f))))
      (1 (%with-arguments 1 nodes (f a) (%funcall (%run function f) a)))
      (2 (%with-arguments 2 nodes (f a b) (%funcall (%run function f) a b)))
      (3 (%with-arguments 3 nodes (f a b c) (%funcall (%run function f) a b c)))
      (t (let ((nodes (coerce nodes 'simple-vector)))
           (%node (f)
             (let ((arguments (%argument-vector nodes f)))
               (%apply-vector (%run function f) arguments))))))))

;;; Calls of the commonest standard functions, which programs may not redefine, without a call

(defmacro %define-inline-calls (name count variables &rest operators)
  "Defines NAME, a function of a symbol and its COUNT argument nodes: a node that applies the operator itself, or NIL."
  `(defun ,name (symbol nodes)
     (case symbol
       ,@(mapcar (lambda (operator)
                   `(,operator (%with-arguments ,count nodes (f ,@variables) (,operator ,@variables))))
                 operators)
       (t nil))))

(%define-inline-calls %inline-call-1 1 (a)
  car cdr not null atom consp listp symbolp stringp characterp functionp numberp integerp 1+ 1- zerop plusp minusp
  cadr cddr caar identity char-code code-char length first rest)

(%define-inline-calls %inline-call-2 2 (a b)
  eq eql cons + - * < <= > >= = /= logand logior svref aref char schar char= rplaca rplacd list)

(%define-inline-calls %inline-call-3 3 (a b c)
  + * list < <= > >= =)

(defun %inline-call (symbol count nodes)
  (case count
    (1 (%inline-call-1 symbol nodes))
    (2 (%inline-call-2 symbol nodes))
    (t (%inline-call-3 symbol nodes))))

;;; Function objects

(define-evaluator function (form env frame exits)
  (%check-form form 1 1)
  (let ((name (cadr form)))
    (if (and (consp name) (eq (car name) 'lambda))
        (%lambda-evaluator nil name env frame)
        (%function-reference name env frame))))

(defun %function-reference (name env frame)
  (let ((entry (if env (%function-entry name env) nil)))
    (cond ((null entry)
           (let ((symbol (%function-name-symbol name)))
             (%node (f)
               (let ((function (%get symbol function symbol)))
                 (if (eql (%get function code function) 0)
                     (%error 'undefined-function :name name)
                     function)))))
          ((eq (car entry) :function) (%place-node frame (third entry) (fourth entry)))
          (t (%program-error "~S is a local macro, not a function" name)))))
