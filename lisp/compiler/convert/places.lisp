;;;; SETF and its relatives on variables and on places that are plain function calls (CLHS 5.1). Places with setf expanders, and
;;;; macros that read and write a compound place, are expanded by the library's definitions.

(in-package :clysm-compiler)

(defun convert-setf (form)
  "(SETF PLACE VALUE ...)"
  (let ((operands (convert-operands form 0 nil)) (nodes '()))
    (when (oddp (length operands))
      (convert-malformed form "an odd number of operands"))
    (do ((rest operands (cddr rest)))
        ((null rest) (convert-progn-node (nreverse nodes)))
      (push (convert-setf-place (first rest) (second rest)) nodes))))

(defun convert-setf-place (place value)
  "Stores what the form VALUE gives in PLACE."
  (cond ((symbolp place) (convert-assign place value))
        ((not (and (consp place) (symbolp (car place))))
         (convert-malformed place "not a place"))
        (t (convert-setf-compound place value))))

(defun convert-setf-compound (place value)
  (let* ((operator (car place))
         (binding (convert-operator-binding operator)))
    (case (car binding)
      (:macro
       (let ((environment (convert-environment)))
         (convert-setf-place (convert-ask (lambda () (clysm::%call-expander (second binding) place environment))
                                          (lambda () "local macro as a place"))
                             value)))
      (:function (convert-setf-call operator (cdr place) value))
      (t (let ((facts (world-facts operator)))
           (cond ((or (facts-setf-expander facts) (names-operator operator))
                  (convert-expand-in-image 'setf (list 'setf place value)))
                 ((eq (facts-operator facts) :macro)
                  (convert-setf-place (convert-expand-global operator place) value))
                 (t (convert-setf-call operator (cdr place) value))))))))

(defun convert-setf-call (operator operands value)
  "A call of the function (SETF OPERATOR): operands first, then the new value."
  (let* ((operands (convert-list operands "a place"))
         (writer (setf-symbol operator))
         (bindings '())
         (arguments '()))
    (flet ((stable (node)
             (multiple-value-bind (again binding) (convert-stable node)
               (when binding (push binding bindings))
               again)))
      (dolist (operand operands)
        (push (stable (convert-form operand)) arguments))
      (let* ((value (convert-form value))
             (value (if (and (null bindings) (notany #'consp operands))
                        value
                        (stable value)))
             (arguments (cons value (nreverse arguments)))
             (binding (convert-operator-binding writer))
             (call (if (eq (car binding) :function)
                       (convert-local-call-node (second binding) arguments)
                       (convert-call-global writer arguments))))
        (if bindings
            (convert-let-node (nreverse bindings) call)
            call)))))

(defun convert-stable (node)
  "NODE itself if evaluating it later changes nothing, else a reference to a variable, and the variable's binding to NODE."
  (if (or (literal-node-p node) (global-function-node-p node))
      (values node nil)
      (let ((variable (convert-temporary "place")))
        (values (convert-read-local variable) (cons variable node)))))

(defun convert-plain-variable-p (place)
  "Whether PLACE is a variable and no symbol macro."
  (and (symbolp place)
       (let ((binding (convert-variable-binding place)))
         (if binding
             (not (eq (car binding) :symbol-macro))
             (not (symbol-macro-fact-p (facts-variable (world-facts place))))))))

;;; PUSH, POP, INCF, DECF and PSETQ.

(defun convert-modify (operator form)
  "PUSH, POP, INCF and DECF."
  (let* ((operands (convert-operands form 1 2))
         (place-p (or (not (eq operator :push)) (cdr operands)))
         (place (if (eq operator :push) (second operands) (first operands))))
    (if (and place-p (convert-plain-variable-p place))
        (case operator
          (:push (convert-push-variable place (first operands)))
          (:pop (convert-pop-variable place))
          (t (convert-step-variable operator place (if (cdr operands) (second operands) 1))))
        (convert-expand-in-image (car form) form))))

(defun convert-push-variable (name item)
  (let* ((item (convert-form item))
         (list (convert-variable name)))
    (convert-assign-node name (convert-global-call-node 'cons item list))))

(defun convert-pop-variable (name)
  (let* ((old (convert-temporary "list"))
         (list (convert-variable name))
         (assign (convert-assign-node name (convert-global-call-node 'cdr (convert-read-local old))))
         (first (convert-global-call-node 'car (convert-read-local old))))
    (convert-let-node (list (cons old list))
                      (convert-progn-node (list assign first)))))

(defun convert-step-variable (operator name delta)
  (multiple-value-bind (delta binding) (convert-stable (convert-form delta))
    (let* ((old (convert-variable name))
           (assign (convert-assign-node name (convert-global-call-node (if (eq operator :incf) '+ '-) old delta))))
      (if binding
          (convert-let-node (list binding) assign)
          assign))))

(defun convert-psetq (form)
  "PSETQ, of which every variable is plain; else the library's."
  (let ((operands (convert-operands form 0 nil)) (names '()) (values '()))
    (when (oddp (length operands))
      (convert-malformed form "an odd number of operands"))
    (do ((rest operands (cddr rest)))
        ((null rest))
      (push (first rest) names)
      (push (second rest) values))
    (if (every #'convert-plain-variable-p names)
        (convert-giving-nil (convert-parallel-assignment (nreverse names) (nreverse values)))
        (convert-expand-in-image (car form) form))))

(defun convert-giving-nil (node)
  "NODE, whose value becomes NIL."
  (cond ((let-node-p node)
         (setf (let-node-body node) (node-progn (list (let-node-body node) (node-nil)) nil))
         node)
        (t (convert-progn-node (list node (node-nil))))))

(defun convert-parallel-assignment (names values)
  "Assigns all variables NAMES after all forms VALUES were evaluated."
  (if (and names (null (cdr names)))
      (convert-assign (first names) (first values))
      (let ((bindings (mapcar (lambda (value)
                                (let ((node (convert-form value)))
                                  (cons (convert-temporary "new") node)))
                              values)))
        (convert-let-node bindings
                          (convert-progn-node
                           (mapcar (lambda (name binding)
                                     (convert-assign-node name (convert-read-local (car binding))))
                                   names bindings))))))

(defun convert-expand-in-image (name form)
  "Expands a macro that the compiler knows itself by the library's definition of it."
  (convert-form (convert-expand-global name form)))
