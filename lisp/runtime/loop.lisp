;;;; LOOP (CLHS 6.1): the other clauses, the parser, and the expansion.
;;;;
;;;; The expansion is a block around the bindings, and inside these
;;;;   (tagbody prologue first-iteration
;;;;    next-loop body next-iteration (go next-loop)
;;;;    end-loop epilogue (return-from name value))
;;;; The tags have fixed names: LOOP-FINISH is a GO to the innermost END-LOOP.

(in-package :clysm)

(defvar *%loop-it* nil)                 ; inside a conditional: the variable of the test's value, not used yet, or (variable)

(defun %loop-expression ()
  "Takes a form; the word IT stands for the value of the enclosing conditional's test."
  (if (and *%loop-it* (eq (%loop-peek) :it))
      (progn
        (%loop-next)
        (when (symbolp *%loop-it*) (setq *%loop-it* (list *%loop-it*)))
        (car *%loop-it*))
      (%loop-next)))

(defun %selectable-clause (keyword)
  "Parses a clause that may be conditional and begins with KEYWORD, taken already; returns its forms, or :NONE."
  (case keyword
    ((:do :doing) (%loop-compound-forms))
    (:return (list `(return-from ,(%loop-name *%loop*) ,(%loop-expression))))
    ((:collect :collecting :append :appending :nconc :nconcing :count :counting :sum :summing
      :maximize :maximizing :minimize :minimizing)
     (list (%accumulation-form keyword (%loop-expression))))
    ((:if :when) (%loop-conditional nil))
    (:unless (%loop-conditional t))
    (t :none)))

(defun %selectable-clauses ()
  "Parses clauses joined by AND; returns their forms. IT can be used in the first only."
  (let ((forms (%one-selectable)))
    (do () ((not (%loop-take :and)) forms)
      (setq forms (append forms (let ((*%loop-it* nil)) (%one-selectable)))))))

(defun %one-selectable ()
  (let ((forms (%selectable-clause (%loop-keyword (%loop-next)))))
    (when (eq forms :none) (%loop-error "A conditional needs an unconditional, accumulating or conditional clause"))
    forms))

(defun %loop-conditional (negate)
  "Parses a conditional after its first word; returns its forms."
  (let* ((test (%loop-next))
         (it (gensym "IT"))
         (used nil)
         (then (let ((*%loop-it* it))
                 (prog1 (%selectable-clauses) (when (consp *%loop-it*) (setq used t)))))
         (else (if (%loop-take :else)
                   (let ((*%loop-it* it))
                     (prog1 (%selectable-clauses) (when (consp *%loop-it*) (setq used t))))
                   '())))
    (%loop-take :end)
    (let* ((condition (if used it test))
           (form `(if ,(if negate `(not ,condition) condition) (progn ,@then) (progn ,@else))))
      (list (if used `(let ((,it ,test)) ,form) form)))))

(defun %loop-test (keyword)
  "Parses ALWAYS, NEVER, THEREIS, WHILE and UNTIL after the KEYWORD; returns the form of the body."
  (let ((form (%loop-next)) (name (%loop-name *%loop*)))
    (unless (member keyword '(:while :until) :test #'eq) (setf (%loop-boolean *%loop*) keyword))
    (case keyword
      (:while `(unless ,form (go end-loop)))
      (:until `(when ,form (go end-loop)))
      (:thereis (let ((value (gensym "VALUE")))
                  `(let ((,value ,form))
                     (when ,value (return-from ,name ,value)))))
      (:always (setf (%loop-default-result *%loop*) t)
       `(unless ,form (return-from ,name nil)))
      (t (setf (%loop-default-result *%loop*) t)
         `(when ,form (return-from ,name nil))))))

(defun %loop-clause ()
  "Parses one clause after NAMED."
  (let ((keyword (%loop-keyword (car (%loop-source *%loop*)))))
    (case keyword
      ((:for :as) (%loop-next) (%loop-for-clause))
      (:with (%loop-next) (%loop-with))
      (:repeat (%loop-next) (%loop-repeat))
      (:initially (%loop-next)
       (dolist (form (%loop-compound-forms)) (push form (%loop-prologue *%loop*))))
      (:finally (%loop-next)
       (dolist (form (%loop-compound-forms)) (push form (%loop-epilogue *%loop*))))
      ((:while :until :always :never :thereis) (%loop-next)
       (push (%loop-test keyword) (%loop-body *%loop*)))
      (:named (%loop-error "NAMED must come first"))
      (t (let ((forms (progn (%loop-next) (%selectable-clause keyword))))
           (when (eq forms :none) (%loop-error "Here should begin a clause, but there is none"))
           (dolist (form forms) (push form (%loop-body *%loop*))))))))

;;; The expansion.

(defun %loop-value ()
  "The form for the value of the loop when it ends normally."
  (let ((accumulator (%find-accumulator nil)))
    (when (and accumulator (%loop-boolean *%loop*))
      (%loop-error "~A doesn't go together with an accumulation that is the value of the loop" (%loop-boolean *%loop*)))
    (if accumulator (%accumulator-result accumulator) (%loop-default-result *%loop*))))

(defun %loop-tagbody ()
  (let* ((first (reverse (%loop-first *%loop*)))
         (step (reverse (%loop-step *%loop*)))
         (same (equal first step)))
    `(tagbody
        ,@(reverse (%loop-prologue *%loop*))
        ,@(if same '() first)
      next-loop
        ,@(if same first '())
        ,@(reverse (%loop-body *%loop*))
        ,@(if same '() step)
        (go next-loop)
      end-loop
        ,@(reverse (%loop-epilogue *%loop*))
        (return-from ,(%loop-name *%loop*) ,(%loop-value)))))

(defun %wrap-groups (body)
  "BODY inside the bindings: groups of one variable together as LET*, others each as LET."
  (do ((groups (%loop-groups *%loop*)))
      ((null groups) body)
    (if (cdr (car (car groups)))
        (let ((group (pop groups)))
          (setq body `(let ,(car group) ,@(%declare (cdr group)) ,body)))
        (let ((bindings '()) (declarations '()))
          (do () ((or (null groups) (cdr (car (car groups)))))
            (let ((group (pop groups)))
              (setq bindings (append (car group) bindings)
                    declarations (append (cdr group) declarations))))
          (setq body `(let* ,bindings ,@(%declare declarations) ,body))))))

(defun %declare (declarations)
  (if declarations `((declare ,@declarations)) '()))

(defun %loop-expansion (source)
  (let ((*%loop* (%make-loop source)) (*%loop-it* nil))
    (when (%loop-take :named)
      (let ((name (%loop-next)))
        (unless (symbolp name) (%loop-error "~S is no name of a block" name))
        (setf (%loop-name *%loop*) name)))
    (do () ((not (%loop-more-p))) (%loop-clause))
    (let ((body (%loop-tagbody)))
      (dolist (wrapper (%loop-wrappers *%loop*)) (setq body (funcall wrapper body)))
      (when (%loop-symbol-macros *%loop*)
        (setq body `(symbol-macrolet ,(%loop-symbol-macros *%loop*) ,body)))
      `(block ,(%loop-name *%loop*) ,(%wrap-groups body)))))

(defmacro loop (&rest forms)
  (if (dolist (form forms t) (unless (consp form) (return nil)))
      `(block nil (tagbody next-loop ,@forms (go next-loop)))
      (%loop-expansion forms)))

(defmacro loop-finish ()
  '(go end-loop))
