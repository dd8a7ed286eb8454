;;;; The evaluator: sequences, conditionals, exits and multiple values (CLHS 5.3).
;;;;
;;;; Two ways lead out of a BLOCK or TAGBODY.  Where only nodes lie between, RETURN-FROM and GO return a MARK, which
;;;; sequences and tagbodies hand on until one meets its TAGBODY, or a place of which the value is the value of its
;;;; BLOCK.  From closures and from where a value is wanted they throw to a tag made when the BLOCK or TAGBODY is
;;;; entered and kept in its frame; only those that need one make a tag.

(in-package :clysm)

(defstruct (%mark (:constructor %make-mark (exit index)) (:copier nil) (:predicate nil))
  exit
  index)                    ; of the statement to go on with; NIL for a block

(defstruct (%exit (:constructor %make-exit (frame)) (:copier nil) (:predicate nil))
  frame                     ; where the throw tag is kept
  (slot-index nil))         ; its index; NIL while nothing throws

(defglobal *mark-class* (find-class '%mark))
(defglobal *exit-values* '())   ; the values of the RETURN-FROM of which the mark is under way

;; How many nodes that return marks have been made: whether a part of a form can return one shows by counting.
(defglobal *mark-count* 0)

(defmacro %mark-p (x)
  `(and (%is instance ,x) (eq (%array-ref instance ,x 0) *mark-class*)))

(defun %direct-exits (exits) (car exits))
(defun %marking-exits (exits) (cdr exits))

(defun %inner-exits (exits)
  "The exits of a form whose value is dropped, but which is followed by nothing that hides marks."
  (if exits (cons '() (cdr exits)) nil))

(defun %exit-slot (exit)
  "The index of the throw tag of EXIT in its frame."
  (or (%exit-slot-index exit)
      (setf (%exit-slot-index exit) (%frame-slot (%exit-frame exit)))))

;;; Sequences

(defun %sequence-node (nodes)
  "A node that runs NODES, none of which returns a mark but the last."
  (cond ((null nodes) (%constant-node nil))
        ((null (cdr nodes)) (car nodes))
        ((null (cddr nodes))
         (let ((a (car nodes)) (b (cadr nodes)))
           (%node (f) (%run a f) (%run b f))))
        ((null (cdddr nodes))
         (let ((a (car nodes)) (b (cadr nodes)) (c (caddr nodes)))
           (%node (f) (%run a f) (%run b f) (%run c f))))
        (t (let ((a (car nodes)) (b (cadr nodes)) (c (caddr nodes)) (rest (%sequence-node (cdddr nodes))))
             (%node (f) (%run a f) (%run b f) (%run c f) (%run rest f))))))

(defun %land (mark direct)
  "What a form returns that got MARK from a part: the values that come with it when its block is among the exits DIRECT."
  (if (%memq (%mark-exit mark) direct)
      (values-list *exit-values*)
      mark))

(defun %guarded-node (first rest direct)
  "A node that runs FIRST and, unless that returns a mark, REST."
  (%node (f)
    (let ((result (%run first f)))
      (if (%mark-p result) (%land result direct) (%run rest f)))))

(defun %progn-evaluator (forms env frame exits)
  (let ((parts '())
        (inner (%inner-exits exits)))
    (loop
      (when (null (cdr forms)) (return))
      (let ((before *mark-count*)
            (node (%evaluator (car forms) env frame inner)))
        (push (cons node (> *mark-count* before)) parts))
      (setq forms (cdr forms)))
    (let ((pending (list (%evaluator (car forms) env frame exits))))
      ;; PENDING are nodes in order, to be run after what the rest of PARTS, the last first, says.
      (dolist (part parts (%sequence-node pending))
        (if (cdr part)
            (setq pending (list (%guarded-node (car part) (%sequence-node pending) (%direct-exits exits))))
            (push (car part) pending))))))

(define-evaluator progn (form env frame exits)
  (%check-form form 0 nil)
  (%body-evaluator (cdr form) env frame exits))

(define-evaluator if (form env frame exits)
  (%check-form form 2 3)
  (%if-node (%evaluator (second form) env frame nil)
            (%evaluator (third form) env frame exits)
            (%evaluator (fourth form) env frame exits)))

(defun %if-node (test then else)
  (%node (f) (if (%run test f) (%run then f) (%run else f))))

;;; AND and OR are macros; made here directly, OR needs no variable for each value.

(define-evaluator or (form env frame exits)
  (%check-form form 0 nil)
  (if (null (cdr form)) (%constant-node nil) (%or-evaluator (cdr form) env frame exits)))

(defun %or-evaluator (forms env frame exits)
  (if (null (cdr forms))
      (%evaluator (car forms) env frame exits)
      (let ((first (%evaluator (car forms) env frame nil))
            (rest (%or-evaluator (cdr forms) env frame exits)))
        (%node (f)
          (let ((value (%run first f)))
            (if value value (%run rest f)))))))

(define-evaluator eval-when (form env frame exits)
  (%check-form form 1 nil)
  (if (%eval-situation-p (cadr form))
      (%body-evaluator (cddr form) env frame exits)
      (%constant-node nil)))

(defun %eval-situation-p (situations)
  (dolist (situation situations)
    (unless (member situation '(:compile-toplevel :load-toplevel :execute compile load eval))
      (%program-error "~S is no situation of EVAL-WHEN" situation)))
  (or (member :execute situations) (member 'eval situations)))

(define-evaluator the (form env frame exits)
  (%check-form form 2 2)
  (%evaluator (third form) env frame exits))

(define-evaluator load-time-value (form env frame exits)
  (%check-form form 1 2)
  (%constant-node (eval (cadr form))))

;;; BLOCK and RETURN-FROM

(define-evaluator block (form env frame exits)
  (%check-form form 1 nil)
  (unless (symbolp (cadr form)) (%program-error "The block name ~S is not a symbol" (cadr form)))
  (let* ((exit (%make-exit frame))
         (body (%body-evaluator (cddr form)
                                (cons (list* :block (cadr form) exit) env)
                                frame
                                (cons (cons exit (%direct-exits exits))
                                      (cons exit (%marking-exits exits))))))
    (if (%exit-slot-index exit)
        (%catching-node body (%exit-slot-index exit))
        body)))

(defun %catching-node (body slot)
  (%node (f)
    (let ((tag (list nil)))
      (%frame-set f slot tag)
      (catch tag (%run body f)))))

(defun %block-entry (name env)
  (dolist (entry env nil)
    (when (and (eq (car entry) :block) (eq (cadr entry) name))
      (return (cddr entry)))))

(define-evaluator return-from (form env frame exits)
  (%check-form form 1 2)
  (let ((exit (%block-entry (cadr form) env))
        (value (third form)))
    (cond ((null exit) (%program-error "There is no block ~S around ~S" (cadr form) form))
          ((member exit (%direct-exits exits))
           (%evaluator value env frame exits))
          ((member exit (%marking-exits exits))
           (%marking-return exit (%evaluator value env frame nil)))
          (t (let ((tag (%place-node frame (%exit-frame exit) (%exit-slot exit)))
                   (node (%evaluator value env frame nil)))
               (%node (f) (throw (%run tag f) (%run node f))))))))

(defun %marking-return (exit node)
  (let ((mark (%make-mark exit nil)))
    (setq *mark-count* (+ *mark-count* 1))
    (%node (f)
      (setq *exit-values* (multiple-value-list (%run node f)))
      mark)))

;;; TAGBODY and GO

(defun %tag-p (statement)
  (or (symbolp statement) (integerp statement)))

(define-evaluator tagbody (form env frame exits)
  (%check-form form 0 nil)
  (let ((exit (%make-exit frame))
        (statements '())
        (count 0))
    (dolist (statement (cdr form))
      (cond ((%tag-p statement)
             (push (list* :tag statement exit count) env))
            (t (push statement statements)
               (setq count (+ count 1)))))
    (let* ((inner (cons '() (cons exit (%marking-exits exits))))
           (before *mark-count*)
           (nodes (mapcar (lambda (statement) (%evaluator statement env frame inner))
                          (nreverse statements)))
           (marks-p (> *mark-count* before))
           (vector (coerce nodes 'simple-vector)))
      (cond ((%exit-slot-index exit) (%throwing-tagbody vector exit (%direct-exits exits)))
            (marks-p (%marking-tagbody vector exit (%direct-exits exits)))
            (t (%sequence-node (append nodes (list (%constant-node nil)))))))))

(defun %run-statements (nodes start exit frame)
  "Runs the statements NODES from the index START.  Returns NIL at their end, or a mark that is not for EXIT."
  (let ((i (%i32 start))
        (n (%i32 (%array-length simple-vector nodes))))
    (loop
      (when (%i32.ge_s i n) (return nil))
      (let ((result (%run (%array-ref simple-vector nodes i) frame)))
        (if (%mark-p result)
            (if (eq (%mark-exit result) exit)
                (setq i (%i32 (%mark-index result)))
                (return result))
            (setq i (%i32.add i (%i32 1))))))))

(defun %marking-tagbody (nodes exit direct)
  (%node (f)
    (let ((mark (%run-statements nodes 0 exit f)))
      (if mark (%land mark direct) nil))))

(defun %throwing-tagbody (nodes exit direct)
  "Marks for EXIT that come by THROW start the statements anew; other results end it."
  (let ((slot (%exit-slot-index exit)))
    (%node (f)
      (let ((tag (list nil)) (start 0))
        (%frame-set f slot tag)
        (loop
          (let ((result (catch tag (%run-statements nodes start exit f))))
            (if (and (%mark-p result) (eq (%mark-exit result) exit))
                (setq start (%mark-index result))
                (return (if (%mark-p result) (%land result direct) nil)))))))))

(defun %tag-entry (tag env)
  (dolist (entry env nil)
    (when (and (eq (car entry) :tag) (eql (cadr entry) tag))
      (return (cddr entry)))))

(define-evaluator go (form env frame exits)
  (%check-form form 1 1)
  (let ((entry (%tag-entry (cadr form) env)))
    (when (null entry) (%program-error "There is no tag ~S around ~S" (cadr form) form))
    (let* ((exit (car entry))
           (mark (%make-mark exit (cdr entry))))
      (cond ((member exit (%marking-exits exits))
             (setq *mark-count* (+ *mark-count* 1))
             (%constant-node mark))
            (t (let ((tag (%place-node frame (%exit-frame exit) (%exit-slot exit))))
                 (%node (f) (throw (%run tag f) mark))))))))

;;; CATCH, THROW, UNWIND-PROTECT, PROGV

(define-evaluator catch (form env frame exits)
  (%check-form form 1 nil)
  (let ((tag (%evaluator (cadr form) env frame nil))
        (body (%body-evaluator (cddr form) env frame nil)))
    (%node (f) (catch (%run tag f) (%run body f)))))

(define-evaluator throw (form env frame exits)
  (%check-form form 2 2)
  (let ((tag (%evaluator (second form) env frame nil))
        (value (%evaluator (third form) env frame nil)))
    (%node (f) (throw (%run tag f) (%run value f)))))

(define-evaluator unwind-protect (form env frame exits)
  (%check-form form 1 nil)
  (let ((protected (%evaluator (cadr form) env frame nil))
        (cleanup (%body-evaluator (cddr form) env frame nil)))
    (%node (f) (unwind-protect (%run protected f) (%run cleanup f)))))

(define-evaluator progv (form env frame exits)
  (%check-form form 2 nil)
  (let ((symbols (%evaluator (second form) env frame nil))
        (values (%evaluator (third form) env frame nil))
        (body (%body-evaluator (cdddr form) env frame exits)))
    (%node (f) (progv (%run symbols f) (%run values f) (%run body f)))))

;;; Multiple values

(define-evaluator multiple-value-call (form env frame exits)
  (%check-form form 1 nil)
  (let ((function (%evaluator (cadr form) env frame nil))
        (nodes (%evaluators (cddr form) env frame)))
    (if (and nodes (null (cdr nodes)))
        (let ((node (car nodes)))
          (%node (f) (let ((function (%callable (%run function f))))
                       (multiple-value-call function (%run node f)))))
        (%node (f)
          (let ((function (%callable (%run function f))) (arguments '()))
            (dolist (node nodes)
              (setq arguments (append arguments (multiple-value-list (%run node f)))))
            (apply function arguments))))))

(define-evaluator multiple-value-prog1 (form env frame exits)
  (%check-form form 1 nil)
  (let ((first (%evaluator (cadr form) env frame nil))
        (rest (%body-evaluator (cddr form) env frame nil)))
    (%node (f) (multiple-value-prog1 (%run first f) (%run rest f)))))

;;; MULTIPLE-VALUE-BIND is a macro; made here directly it needs no function.

(define-evaluator multiple-value-bind (form env frame exits)
  (%check-form form 2 nil)
  (multiple-value-bind (forms declarations) (%parse-body (cdddr form) nil)
    (let ((inner (%inner-frame frame))
          (source (%evaluator (third form) env frame nil))
          (declared (%declared-special declarations))
          (specials '())
          (count (length (second form))))
      (dolist (variable (second form))
        (multiple-value-bind (extended index special) (%bind-name variable inner env declared)
          (setq env extended)
          (when special (push (cons special index) specials))))
      (let ((body (%bind-specials-node (nreverse specials)
                                       (%body-evaluator forms (%with-specials declared env) inner exits))))
        (%values-node source body (%frame-size inner) count)))))

(defun %values-node (source body size count)
  "A node that puts COUNT values of SOURCE into a new frame and runs BODY there."
  (if (= count 2)
      (%node (f)
        (multiple-value-bind (a b) (%run source f)
          (let ((inner (%new-frame size f)))
            (%array-set simple-vector inner 1 a)
            (%array-set simple-vector inner 2 b)
            (%run body inner))))
      (%node (f)
        (let ((values (multiple-value-list (%run source f)))
              (inner (%new-frame size f)))
          (dotimes (i count)
            (%frame-set inner (+ i 1) (car values))
            (setq values (cdr values)))
          (%run body inner)))))
