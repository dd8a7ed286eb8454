;;;; What can be told of a program that compiles: calls that don't fit, and names that nothing defines.
;;;;
;;;; A call of a function that is known is checked at once. Whether a name is defined at all is known at the end of the compilation
;;;; unit only (CLHS WITH-COMPILATION-UNIT), which for a file is the file: forms may refer to what comes after them.

(in-package :clysm-compiler)

(defconstant +shown-uses+ 3
  "How many further uses of an undefined name a warning shows.")

(defstruct (compilation-unit (:constructor make-compilation-unit ()) (:copier nil))
  "What remains to be checked at the end of a compilation unit."
  (calls '())                           ; call sites of functions that were not known yet, the last first
  (variables '())                       ; uses of variables that were not known yet, the last first
  (announced '()))                      ; names that are defined by forms which were not reached

(defun check-form (form)
  "Checks a form's calls of known functions, and notes the others for the end of the unit."
  (let ((unit (context-unit *context*)))
    (dolist (call (top-form-calls form))
      (let* ((function (call-site-function call))
             (signature (and (eq (facts-operator (world-facts function)) :function)
                             (world-signature function))))
        (if signature
            (note-diagnostic (check-call call signature))
            (push call (compilation-unit-calls unit)))))
    (dolist (use (top-form-free-variables form))
      (push use (compilation-unit-variables unit)))))

(defun announce (form)
  "Notes the name that FORM would define. The forms of a file that come after an error are not compiled; what they define is not
missing for all that."
  (when (and (consp form) (symbolp (car form)) (consp (cdr form)))
    (let* ((head (symbol-name (car form)))
           (name (second form))
           (symbol (cond ((symbolp name) name)
                         ((and (consp name) (eq (car name) 'setf) (consp (cdr name)) (symbolp (second name)) (null (cddr name)))
                          (setf-symbol (second name)))
                         ;; (defstruct (name option ...) ...) and the like
                         ((and (consp name) (symbolp (car name))) (car name)))))
      (when (and symbol (>= (length head) 3) (string= head "DEF" :end1 3))
        (push symbol (compilation-unit-announced (context-unit *context*)))))))

(defun finish-unit ()
  "Ends the compilation unit: warns of what its forms use and nothing defines."
  (let ((unit (context-unit *context*)) (warnings '()))
    (setf (context-unit *context*) (make-compilation-unit))
    (dolist (calls (grouped (nreverse (compilation-unit-calls unit)) #'call-site-function))
      (dolist (warning (check-late-calls calls unit))
        (push warning warnings)))
    (dolist (uses (grouped (nreverse (compilation-unit-variables unit)) #'variable-use-name))
      (let ((name (variable-use-name (first uses))))
        (unless (or (not (eq (facts-variable (world-facts name)) :unknown))
                    (member name (compilation-unit-announced unit) :test #'eq)
                    (boundp name))
          (push (undefined-variable-warning name (mapcar #'variable-use-span uses)) warnings))))
    (dolist (warning (sort-diagnostics (nreverse warnings)))
      (note-diagnostic warning))))

(defun check-late-calls (calls unit)
  "The warnings of CALLS, which all are of one function."
  (let* ((function (call-site-function (first calls)))
         (spans (mapcar #'call-site-span calls)))
    (case (facts-operator (world-facts function))
      (:macro (list (late-macro-warning function spans)))
      (:function
       (let ((signature (world-signature function)))
         (and signature
              (remove nil (mapcar (lambda (call) (check-call call signature)) calls)))))
      (t (if (or (member function (compilation-unit-announced unit) :test #'eq)
                 (fboundp function))
             '()
             (list (undefined-function-warning function spans)))))))

(defun grouped (uses name)
  "The USES of each name, that the function NAME gives, in the order of the first ones."
  (let ((groups '()) (table (make-hash-table :test #'eq)))
    (dolist (use uses)
      (let ((group (gethash (funcall name use) table)))
        (cond (group (push use (cdr group)))
              (t (setq group (list nil use))
                 (setf (gethash (funcall name use) table) group)
                 (push group groups)))))
    (mapcar (lambda (group) (nreverse (cdr group))) (nreverse groups))))

;;; Calls.

(defun check-call (call signature)
  "The warning of what is wrong with a call of a function with that signature, or NIL."
  (let ((count (call-site-count call)))
    (if (null count)
        nil
        (multiple-value-bind (code title label)
            (if (signature-accepts-p signature count)
                (check-keywords call signature)
                (values "wrong-argument-count"
                        (format nil "~A takes ~A, got ~D"
                                (qualified-name (call-site-function call)) (signature-expected signature) count)
                        (format nil "called with ~D here" count)))
          (and code
               (diagnostic-also (diagnostic-at (warning-diagnostic code title) (call-site-span call) label)
                                (signature-span signature) "defined here"))))))

(defun check-keywords (call signature)
  "What is wrong with the arguments after the positional ones: code, title and label of a warning, or NIL. Arguments that are not
literal keywords may be anything."
  (let* ((first (+ (signature-required signature) (signature-optional signature)))
         (keywords (call-site-keywords call))
         (name (qualified-name (call-site-function call))))
    (cond ((or (not (signature-accepts-keywords signature)) (< (length keywords) first)) nil)
          ((oddp (- (length keywords) first))
           (values "odd-keyword-arguments" (format nil "~A is called with an odd number of keyword arguments" name) ""))
          (t (let* ((given (given-keywords (nthcdr first keywords)))
                    (unknown (find-if-not (lambda (keyword) (member keyword (signature-keywords signature) :test #'eq)) given)))
               (if (or (signature-allow-other-keys signature)
                       (null unknown)
                       (member "ALLOW-OTHER-KEYS" given :key #'symbol-name :test #'string=))
                   nil
                   (values "unknown-keyword"
                           (format nil "~A has no keyword parameter ~A" name (qualified-name unknown))
                           "")))))))

(defun given-keywords (arguments)
  "The literal keywords among every other one of ARGUMENTS."
  (let ((given '()))
    (do ((rest arguments (cddr rest)))
        ((null rest) (nreverse given))
      (when (car rest) (push (car rest) given)))))

;;; Warnings of names.

(defun undefined-function-warning (function spans)
  (with-similar (with-sites (style-warning-diagnostic "undefined-function"
                                                      (format nil "undefined function: ~A" (qualified-name function)))
                  spans "called")
    (similar-names function (lambda (symbol) (not (eq (facts-operator (world-facts symbol)) :unknown))))))

(defun undefined-variable-warning (name spans)
  (with-similar (with-sites (warning-diagnostic "undefined-variable"
                                                (format nil "undefined variable: ~A" (qualified-name name)))
                  spans "used")
    (similar-names name (lambda (symbol) (not (eq (facts-variable (world-facts symbol)) :unknown))))))

(defun late-macro-warning (name spans)
  (diagnostic-help (with-sites (warning-diagnostic "late-macro"
                                                   (format nil "~A is called as a function, but defined as a macro later"
                                                           (qualified-name name)))
                     spans "called")
                   "define the macro before the first form that uses it"))

(defun with-sites (warning spans verb)
  "Shows the first use, and a few of the others."
  (diagnostic-at warning (first spans) (format nil "~A here" verb))
  (let ((others (rest spans)))
    (dotimes (i (min +shown-uses+ (length others)))
      (diagnostic-also warning (pop others) "and here"))
    (when others
      (diagnostic-help warning (format nil "it is ~A in ~D more places" verb (length others))))
    warning))

(defun with-similar (warning names)
  (if names
      (diagnostic-help warning (format nil "did you mean ~{~A~^ or ~}?" names))
      warning))

;;; Names similar to a misspelt one.

(defun similar-names (symbol defined-p)
  "Names like that of SYMBOL, among the symbols that its package offers and that are defined."
  (let ((package (symbol-package symbol)) (names '()))
    (when package
      (do-symbols (offered package)
        (when (and (not (eq offered symbol)) (funcall defined-p offered))
          (push (symbol-name offered) names)))
      (nearest-names (symbol-name symbol) names))))

(defconstant +offered-names+ 3
  "How many names a hint offers.")

(defun nearest-names (name candidates)
  "The candidates most similar to NAME, letter case aside, the most similar first; none that differs in more than about a third of
its characters."
  (let* ((wanted (string-upcase name))
         (limit (+ 1 (floor (length wanted) 3)))
         (ranked '()))
    (dolist (candidate candidates)
      (let ((distance (edit-distance wanted (string-upcase candidate) limit)))
        (when distance
          (pushnew (cons distance candidate) ranked :test #'equal))))
    (setq ranked (sort ranked (lambda (one other)
                                (or (< (car one) (car other))
                                    (and (= (car one) (car other)) (string< (cdr one) (cdr other)))))))
    (mapcar #'cdr (if (> (length ranked) +offered-names+) (subseq ranked 0 +offered-names+) ranked))))

(defun edit-distance (wanted candidate limit)
  "The number of insertions, deletions and replacements between two names, if it is within LIMIT, else NIL."
  (let ((width (length wanted)))
    (if (> (abs (- (length candidate) width)) limit)
        nil
        (let ((row (make-array (+ width 1))))
          (dotimes (column (+ width 1))
            (setf (svref row column) column))
          (dotimes (index (length candidate))
            (let ((diagonal (svref row 0)))
              (setf (svref row 0) (+ index 1))
              (dotimes (column width)
                (let ((replaced (+ diagonal (if (char= (char wanted column) (char candidate index)) 0 1))))
                  (setq diagonal (svref row (+ column 1)))
                  (setf (svref row (+ column 1))
                        (min replaced (+ diagonal 1) (+ (svref row column) 1)))))))
          (let ((distance (svref row width)))
            (if (<= distance limit) distance nil))))))
