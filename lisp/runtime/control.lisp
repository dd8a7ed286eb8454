;;;; Functions of data and control flow (CLHS 5.3): calling functions, their names, and quantifiers over sequences.
;;;; Environments and macro functions are in expand.lisp, equality in equality.lisp.

(in-package :clysm)

;;; Calling.

(defun %list-to-vector (list count)
  "The simple vector of the COUNT elements of LIST."
  (let ((vector (%array-new simple-vector count nil))
        (i 0))
    (dolist (element list vector)
      (%array-set simple-vector vector i element)
      (setq i (1+ i)))))

(defun funcall (function &rest arguments)
  (%apply-vector (%callable function) (%list-to-vector arguments (%list-length arguments))))

;;; Limits (CLHS 3.4, 5.3). An engine takes up to 1,000 parameters of a Wasm function, and 10,000 operands of an instruction.

(defconstant call-arguments-limit 8192)
(defconstant lambda-parameters-limit 512)
(defconstant multiple-values-limit (%fixnum (%array-length simple-vector (%value-vector))))

(defconstant lambda-list-keywords
  '(&allow-other-keys &aux &body &environment &key &optional &rest &whole))

(defun apply (function argument &rest more)
  (let ((arguments (if more
                       (let* ((reversed (%reverse-list (cons argument more)))
                              (result (car reversed)))
                         (dolist (argument (cdr reversed) result)
                           (push argument result)))
                       argument)))
    (%apply-vector (%callable function) (%list-to-vector arguments (%list-length arguments)))))

(defun values-list (list)
  (%list-length list)
  (restore-values list))

(defun values (&rest objects)
  (restore-values objects))

;;; Functions and their names.

(defun functionp (object)
  (%is function object))

(defglobal *%evaluated-codes* '())      ; the code indices of the evaluator's functions, noted when it makes one

(defun %evaluated-function-p (function)
  (if (%memq (%get function code function) *%evaluated-codes*) t nil))

(defun compiled-function-p (object)
  (and (functionp object)
       (not (%evaluated-function-p object))))

(defmacro %define-special-operators (&rest names)
  `(progn ,@(mapcar (lambda (name) `(%set-info ',name :special-operator t)) names)))

(%define-special-operators
 block catch eval-when flet function go if labels let let* load-time-value locally macrolet multiple-value-call
 multiple-value-prog1 progn progv quote return-from setq symbol-macrolet tagbody the throw unwind-protect)

(defun special-operator-p (symbol)
  (unless (symbolp symbol)
    (%type-error symbol 'symbol))
  (%info symbol :special-operator))

(defun %existing-function-symbol (name)
  "As %FUNCTION-NAME-SYMBOL, but NIL for a (SETF symbol) that never named a function."
  (if (%setf-name-p name)
      (%get symbol setf (car (cdr name)))
      (%function-name-symbol name)))

(defun fboundp (name)
  (let ((symbol (%existing-function-symbol name)))
    (cond ((null symbol) nil)
          ((not (%undefined-function-p (%get symbol function symbol))) t)
          ((%flag-p symbol 4) t)
          (t (special-operator-p symbol)))))

(defun fdefinition (name)
  (let ((symbol (%existing-function-symbol name)))
    (cond ((null symbol) (%error 'undefined-function :name name))
          ((not (%undefined-function-p (%get symbol function symbol))) (%get symbol function symbol))
          ((%flag-p symbol 4) (%info symbol :macro))
          ((special-operator-p symbol) (%get symbol function symbol))
          (t (%error 'undefined-function :name name)))))

(defun (setf fdefinition) (function name)
  (%set-fdefinition name function)
  function)

(defun fmakunbound (name)
  (%check-lock :no-function name)
  (let ((symbol (%existing-function-symbol name)))
    (when symbol
      (when (special-operator-p symbol)
        (%error "~S is a special operator and cannot be made unbound." name))
      (%clear-flag symbol 4)
      (%remove-info symbol :macro)
      (%set symbol function symbol (%undefined-function-cell symbol))))
  name)

;;; Functions that make functions.

(defun complement (function)
  (let ((f (%callable function)))
    (lambda (&rest arguments)
      (not (apply f arguments)))))

(defun constantly (value)
  (lambda (&rest arguments)
    (declare (ignore arguments))
    value))

;;; Quantifiers. One sequence and two lists have loops of their own; else cursors go through all sequences side by side.

(defun %make-cursors (sequences)
  "A cursor for each of SEQUENCES: a list is its own cursor, a vector becomes (:vector VECTOR LENGTH . NEXT-INDEX)."
  (mapcar (lambda (sequence)
            (cond ((listp sequence) (list :list sequence))
                  ((vectorp sequence) (list* :vector sequence (length sequence) 0))
                  (t (%type-error sequence 'sequence))))
          sequences))

(defun %next-elements (cursors)
  "The next elements of all CURSORS, which advance; the unbound marker when one of them is at its end."
  (let ((elements nil))
    (dolist (cursor cursors (%nreverse-list elements))
      (if (eq (car cursor) :list)
          (let ((tail (car (cdr cursor))))
            (when (endp tail)
              (return (%unbound)))
            (push (car tail) elements)
            (rplaca (cdr cursor) (cdr tail)))
          (let* ((state (cdr (cdr cursor)))
                 (index (cdr state)))
            (when (eql index (car state))
              (return (%unbound)))
            (push (aref (car (cdr cursor)) index) elements)
            (rplacd state (1+ index)))))))

(defmacro %define-quantifier (name (value) &key leave-when result otherwise)
  "Defines NAME, a function of a predicate and sequences: the VALUE of each call of the predicate is bound while LEAVE-WHEN is
tested, and NAME returns RESULT when that is true, else OTHERWISE at the end."
  `(defun ,name (predicate sequence &rest more)
     (let ((f (%callable predicate)))
       (cond ((null more)
              (%do-sequence (x sequence)
                (let ((,value (%funcall f x)))
                  (when ,leave-when
                    (return-from ,name ,result)))))
             ((and (null (cdr more)) (listp sequence) (listp (car more)))
              (do ((a sequence (cdr a)) (b (car more) (cdr b)))
                  ((or (endp a) (endp b)))
                (let ((,value (%funcall f (car a) (car b))))
                  (when ,leave-when
                    (return-from ,name ,result)))))
             (t (let ((cursors (%make-cursors (cons sequence more))))
                  (do ((elements (%next-elements cursors) (%next-elements cursors)))
                      ((eq elements (%unbound)))
                    (let ((,value (apply f elements)))
                      (when ,leave-when
                        (return-from ,name ,result)))))))
       ,otherwise)))

(%define-quantifier some (value) :leave-when value :result value :otherwise nil)
(%define-quantifier every (value) :leave-when (not value) :result nil :otherwise t)
(%define-quantifier notany (value) :leave-when value :result nil :otherwise t)
(%define-quantifier notevery (value) :leave-when (not value) :result t :otherwise nil)

;;; TIME and STEP (CLHS 25.1).

(defun %time (thunk form)
  "Calls THUNK, reports on *TRACE-OUTPUT* how long FORM took, and returns the values of THUNK."
  (let* ((real (get-internal-real-time))
         (values (multiple-value-list (funcall thunk)))
         (elapsed (- (get-internal-real-time) real)))
    (format *trace-output* "~&Evaluation of ~S took ~,3F seconds.~%" form (/ elapsed internal-time-units-per-second))
    (values-list values)))

(defun %step (thunk form)
  "Announces FORM on *TRACE-OUTPUT*, calls THUNK, and returns its values. CLHS leaves stepping into calls to implementations."
  (format *trace-output* "~&Stepping ~S~%" form)
  (funcall thunk))
