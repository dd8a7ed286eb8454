;;;; The iteration clauses of LOOP: FOR and AS in all their kinds, REPEAT, and WITH (CLHS 6.1.2).

(in-package :clysm)

;;; What a FOR clause does before the first iteration, and likewise before each later one, is a phase: forms that prepare
;;; and test without touching the clause's variables, assignments ((pattern form) ...), and forms to run after these.
;;; Clauses joined by AND make all preparations, then all assignments in parallel, then the rest.

(defstruct (%phase (:constructor %make-phase (before assignments after)) (:copier nil) (:predicate nil))
  before assignments after)

(defun %end-when (test) `(when ,test (go end-loop)))

(defun %phase-forms (phases)
  (if (null (cdr phases))
      (let ((phase (car phases)))
        (append (%phase-before phase)
                (mapcan (lambda (a) (%assign-forms (car a) (cadr a))) (%phase-assignments phase))
                (%phase-after phase)))
      (append (mapcan (lambda (phase) (copy-list (%phase-before phase))) phases)
              (%parallel-assignments (mapcan (lambda (phase) (copy-list (%phase-assignments phase))) phases))
              (mapcan (lambda (phase) (copy-list (%phase-after phase))) phases))))

(defun %parallel-assignments (assignments)
  (cond ((null assignments) '())
        ((null (cdr assignments)) (%assign-forms (car (car assignments)) (cadr (car assignments))))
        (t (let ((temporaries (mapcar (lambda (a) (list (gensym "NEW") (cadr a))) assignments)))
             (list `(let ,temporaries
                      ,@(mapcan (lambda (a temporary) (%assign-forms (car a) (car temporary)))
                                assignments temporaries)))))))

(defun %add-phases (firsts steps)
  "Adds the phases of one clause, or of several joined by AND."
  (dolist (form (%phase-forms firsts)) (push form (%loop-first *%loop*)))
  (dolist (form (%phase-forms steps)) (push form (%loop-step *%loop*))))

;;; Each parser below returns the phase before the first iteration and the one before the others.

(defun %loop-for-clause ()
  "Parses FOR ... {AND ...}*; the word FOR is taken already."
  (let ((firsts '()) (steps '()) (groups (%loop-groups *%loop*)))
    (do ((more t (%loop-take :and)))
        ((not more))
      (%loop-take :for :as)
      (multiple-value-bind (first step) (%loop-one-for)
        (push first firsts)
        (push step steps)))
    (when (cdr firsts) (%bind-in-parallel groups))
    (%add-phases (nreverse firsts) (nreverse steps))))

(defun %bind-in-parallel (outer)
  "Makes one group of the binding groups added since OUTER, where they don't depend on each other's temporaries."
  (let ((mine '()))
    (do ((groups (%loop-groups *%loop*) (cdr groups)))
        ((eq groups outer))
      (push (car groups) mine))
    (when (and (cdr mine) (%independent-p mine))
      (setf (%loop-groups *%loop*)
            (cons (cons (mapcan (lambda (g) (copy-list (car g))) mine)
                        (mapcan (lambda (g) (copy-list (cdr g))) mine))
                  outer)))))

(defun %independent-p (groups)
  "True if no variable of GROUPS that the expander made occurs in them but where it is bound."
  (let ((temporaries '()))
    (dolist (group groups t)
      (dolist (binding (car group))
        (dolist (temporary temporaries)
          (when (%occurs-p temporary (cadr binding)) (return-from %independent-p nil))))
      (dolist (binding (car group))
        (when (null (symbol-package (car binding))) (push (car binding) temporaries))))))

(defun %occurs-p (symbol tree)
  (cond ((eq symbol tree) t)
        ((consp tree) (or (%occurs-p symbol (car tree)) (%occurs-p symbol (cdr tree))))
        (t nil)))

(defun %loop-one-for ()
  (let* ((pattern (%check-variable (%loop-next)))
         (type (%loop-type)))
    (case (%loop-peek)
      (:in (%loop-next) (%for-in pattern type))
      (:on (%loop-next) (%for-on pattern type))
      (:= (%loop-next) (%for-equals pattern type))
      (:across (%loop-next) (%for-across pattern type))
      (:being (%loop-next) (%for-being pattern type))
      ((:from :upfrom :downfrom :to :upto :downto :below :above :by) (%for-arithmetic pattern type))
      (t (%loop-error "FOR ~S is followed by no known preposition" pattern)))))

;;; Lists.

(defun %step-function (list)
  "Takes BY and a function if they are there; returns the form for the next tail of the variable LIST."
  (if (%loop-take :by)
      (let ((form (%loop-next)))
        (if (and (consp form) (member (car form) '(function quote) :test #'eq) (symbolp (cadr form)))
            (list (cadr form) list)
            (let ((function (gensym "BY")))
              (%bind-one function form)
              `(funcall ,function ,list))))
      `(cdr ,list)))

(defun %check-list-end (tail)
  "Signals that FOR ... IN met TAIL, no list, at the end of its list."
  (when tail (%type-error tail 'list)))

(defun %for-in (pattern type)
  (let ((list (gensym "LIST")) (form (%loop-next)))
    (%bind-one list form)
    (let* ((next (%step-function list))
           (phase (%make-phase (list `(unless (consp ,list)
                                        (%check-list-end ,list)
                                        (go end-loop)))
                               (list (list pattern `(car ,list)))
                               (list `(setq ,list ,next)))))
      (%bind-pattern pattern type)
      (values phase phase))))

(defun %for-on (pattern type)
  (let ((form (%loop-next)))
    (if (and pattern (symbolp pattern))
        (progn
          (%bind-one pattern form)
          (let ((next (%step-function pattern)) (test (list (%end-when `(atom ,pattern)))))
            (values (%make-phase '() '() test)
                    (%make-phase '() (list (list pattern next)) test))))
        (let ((list (gensym "LIST")))
          (%bind-one list form)
          (let* ((next (%step-function list))
                 (phase (%make-phase (list (%end-when `(atom ,list)))
                                     (list (list pattern list))
                                     (list `(setq ,list ,next)))))
            (%bind-pattern pattern type)
            (values phase phase))))))

;;; Values and vectors.

(defun %for-equals (pattern type)
  (let ((first (%loop-next)))
    (%bind-pattern pattern type)
    (let ((phase (%make-phase '() (list (list pattern first)) '())))
      (if (%loop-take :then)
          (values phase (%make-phase '() (list (list pattern (%loop-next))) '()))
          (values phase phase)))))

(defun %for-across (pattern type)
  (let* ((vector (gensym "VECTOR")) (index (gensym "INDEX")) (end (gensym "END"))
         (phase (%make-phase (list (%end-when `(>= ,index ,end)))
                             (list (list pattern `(aref ,vector ,index)))
                             (list `(setq ,index (1+ ,index))))))
    (%bind-one vector (%loop-next))
    (%bind-one end `(length ,vector) 'fixnum)
    (%bind-one index 0 'fixnum)
    (%bind-pattern pattern type)
    (values phase phase)))

;;; Numbers. The prepositions may come in any order; forms are evaluated in theirs.

(defun %for-arithmetic (variable type)
  (unless (symbolp variable)
    (%loop-error "FOR ~S: an arithmetic clause needs one variable" variable))
  (let ((from nil) (to nil) (by nil) (direction nil) (inclusive t))
    (do ((keyword (%loop-take :from :upfrom :downfrom :to :upto :downto :below :above :by)
                  (%loop-take :from :upfrom :downfrom :to :upto :downto :below :above :by)))
        ((null keyword))
      (let ((value (%loop-number (%loop-next))))
        (case keyword
          ((:from :upfrom :downfrom) (%once from keyword) (setq from value))
          (:by (%once by keyword) (setq by value))
          (t (%once to keyword) (setq to value)))
        (case keyword
          ((:upfrom :upto :below) (%once (eq direction :down) keyword) (setq direction :up))
          ((:downfrom :downto :above) (%once (eq direction :up) keyword) (setq direction :down)))
        (when (member keyword '(:below :above) :test #'eq) (setq inclusive nil))))
    (when (and (eq direction :down) (null from))
      (%loop-error "FOR ~S counts down, but from nowhere" variable))
    (%arithmetic-phases (or variable (gensym "COUNTER")) type (or from 0) to (or by 1) (eq direction :down) inclusive)))

(defun %once (given keyword)
  (when given (%loop-error "The preposition ~A contradicts an earlier one" keyword)))

(defun %loop-number (form)
  "FORM if it is a constant, else a variable bound to its value."
  (if (numberp form)
      form
      (let ((variable (gensym "LIMIT")))
        (%bind-one variable form (if (%fixnum-form-p form) 'fixnum 't))
        variable)))

(defun %fixnum-form-p (form)
  "True if FORM is known to give a fixnum that can be counted up to."
  (or (%small-integer-p form)
      (and (consp form)
           (member (car form) '(length array-dimension array-total-size fill-pointer char-code) :test #'eq))))

(defun %small-integer-p (x)
  "True if X and its neighbours are fixnums."
  (and (integerp x) (< -500000000 x 500000000)))

(defun %fixnum-variable-p (variable)
  "True if VARIABLE is a limit that %LOOP-NUMBER declared to be a fixnum."
  (dolist (group (%loop-groups *%loop*) nil)
    (when (member `(type fixnum ,variable) (cdr group) :test #'equal) (return t))))

(defun %counter-type (type from to by inclusive)
  "The type to declare of a counter: TYPE as given, or FIXNUM if no value it takes can be anything else."
  (cond ((not (eq type 't)) type)
        ((and (%small-integer-p from) (%small-integer-p by)
              (or (%small-integer-p to)
                  (and to (symbolp to) (not inclusive) (eql by 1) (%fixnum-variable-p to))))
         'fixnum)
        (t 't)))

(defun %arithmetic-phases (variable type from to by down inclusive)
  (let* ((counter-type (%counter-type type from to by inclusive))
         (start (if (and (floatp (%loop-default counter-type)) (integerp from))
                    (coerce from (%type-head counter-type))
                    from))
         (test (if to
                   (list (%end-when (list (cond (down (if inclusive '< '<=)) (t (if inclusive '> '>=)))
                                          variable to)))
                   '()))
         (next (cond ((eql by 1) (list (if down '1- '1+) variable))
                     (t (list (if down '- '+) variable by)))))
    (%bind-group (list (list variable start)) (%declarations variable counter-type))
    (values (%make-phase '() '() test)
            (%make-phase '() (list (list variable next)) test))))

;;; Hash tables and packages.

(defun %for-being (pattern type)
  (unless (%loop-take :the :each) (%loop-error "BEING must be followed by THE or EACH"))
  (let ((keyword (%loop-keyword (%loop-next))))
    (case keyword
      ((:hash-key :hash-keys) (%for-hash pattern type :hash-value))
      ((:hash-value :hash-values) (%for-hash pattern type :hash-key))
      ((:symbol :symbols) (%for-symbols pattern type '(:internal :external :inherited)))
      ((:present-symbol :present-symbols) (%for-symbols pattern type '(:internal :external)))
      ((:external-symbol :external-symbols) (%for-symbols pattern type '(:external)))
      (t (%loop-error "BEING EACH is followed by no known kind of iteration")))))

(defun %for-hash (pattern type other-keyword)
  "OTHER-KEYWORD is what USING must name: the part of the entry that PATTERN isn't for."
  (unless (%loop-take :in :of) (%loop-error "A hash table must follow IN or OF"))
  (let ((form (%loop-next)) (other nil) (table (gensym "TABLE")) (next (gensym "NEXT"))
        (more (gensym "MORE")) (key (gensym "KEY")) (value (gensym "VALUE")))
    (when (%loop-take :using)
      (let ((using (%loop-next)))
        (unless (and (consp using) (consp (cdr using)) (null (cddr using))
                     (eq (%loop-keyword (car using)) other-keyword))
          (%loop-error "USING must be followed by (~A variable), not by ~S" other-keyword using))
        (setq other (cadr using))))
    (%bind-one table form)
    (%bind-group (list (list key nil) (list value nil)) (list `(ignorable ,key ,value)))
    (push (lambda (body) `(with-hash-table-iterator (,next ,table) ,body)) (%loop-wrappers *%loop*))
    (%bind-pattern pattern type)
    (%bind-pattern other 't)
    (let* ((for-key (eq other-keyword :hash-value))
           (phase (%make-phase (list `(let ((,more nil))
                                        (multiple-value-setq (,more ,key ,value) (,next))
                                        (unless ,more (go end-loop))))
                               (append (and pattern (list (list pattern (if for-key key value))))
                                       (and other (list (list other (if for-key value key)))))
                               '())))
      (values phase phase))))

(defun %for-symbols (pattern type kinds)
  (let* ((package (gensym "PACKAGE")) (next (gensym "NEXT")) (more (gensym "MORE")) (symbol (gensym "SYMBOL"))
         (phase (%make-phase (list `(let ((,more nil))
                                      (multiple-value-setq (,more ,symbol) (,next))
                                      (unless ,more (go end-loop))))
                             (list (list pattern symbol))
                             '())))
    (%bind-one package (if (%loop-take :in :of) (%loop-next) '*package*))
    (%bind-one symbol nil)
    (push (lambda (body) `(with-package-iterator (,next ,package ,@kinds) ,body)) (%loop-wrappers *%loop*))
    (%bind-pattern pattern type)
    (values phase phase)))

;;; REPEAT and WITH.

(defun %loop-repeat ()
  (let* ((count (gensym "COUNT"))
         (form (%loop-next))
         (phase (%make-phase (list (%end-when `(<= ,count 0))) '() (list `(setq ,count (1- ,count))))))
    (%bind-one count form (if (%fixnum-form-p form) 'fixnum 't))
    (%add-phases (list phase) (list phase))))

(defun %loop-with ()
  "Parses WITH ... {AND ...}*; the word WITH is taken already."
  (let ((bindings '()) (declarations '()) (later '()))
    (do ((more t (%loop-take :and)))
        ((not more))
      (let* ((pattern (%check-variable (%loop-next)))
             (type (%loop-type))
             (given (%loop-take :=))
             (form (if given (%loop-next) nil)))
        (cond ((and given (consp pattern))
               (let ((value (gensym "VALUE")))
                 (push (list value form) bindings)
                 (setq later (append later (%pattern-bindings pattern value)))))
              ((and given (null pattern)) (push (list (gensym "IGNORED") form) bindings))
              (given
               (push (list pattern form) bindings)
               (setq declarations (append (%declarations pattern type) declarations)))
              (t (dolist (variable (%pattern-variables pattern type))
                   (push (list (car variable) (%loop-default (cadr variable))) bindings)
                   (setq declarations (append (%declarations (car variable) (cadr variable)) declarations)))))))
    (%bind-group (nreverse bindings) declarations)
    (dolist (binding later) (%bind-one (car binding) (cadr binding)))))
