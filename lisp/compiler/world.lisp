;;;; What the compiler knows of global names: special variables, constants, macros, functions and their parameters. Mirrors
;;;; world.rs.

(in-package :clysm-compiler)

;;; Signatures

(defstruct (signature (:copier nil))
  "How calls of a global function pass arguments to its Wasm function."
  (required 0)
  (optional 0)
  (rest nil)                            ; whether a list of further arguments follows
  (keywords '())                        ; in parameter order
  (accepts-keywords nil)
  (allow-other-keys nil)
  (raw nil)                             ; for a raw Wasm signature: (PARAMETERS . RESULT), representations
  (span nil))                           ; where the function was defined; NIL for functions of the library

(defun make-parameter-signature (parameters &optional raw span)
  "The signature of a function with these parameters."
  (make-signature :required (length (parameters-required parameters))
                  :optional (length (parameters-optional parameters))
                  :rest (and (parameters-rest parameters) t)
                  :keywords (mapcar #'keyword-info-keyword (parameters-keywords parameters))
                  :accepts-keywords (parameters-accepts-keywords parameters)
                  :allow-other-keys (parameters-allow-other-keys parameters)
                  :raw raw
                  :span span))

(defun signature-parameter-count (signature)
  "The number of Wasm parameters after the function object."
  (+ (signature-required signature)
     (signature-optional signature)
     (if (signature-rest signature) 1 0)
     (length (signature-keywords signature))))

(defun signature-max-count (signature)
  "The largest argument count, or NIL when there is no limit."
  (if (or (signature-rest signature) (signature-accepts-keywords signature))
      nil
      (+ (signature-required signature) (signature-optional signature))))

(defun signature-accepts-p (signature count)
  "Whether a call with COUNT arguments fits."
  (let ((max (signature-max-count signature)))
    (and (>= count (signature-required signature))
         (or (null max) (<= count max)))))

(defun signature-expected (signature)
  "The accepted counts in words, such as `at least 1 argument'."
  (let ((min (signature-required signature)) (max (signature-max-count signature)))
    (cond ((null max) (format nil "at least ~D argument~:P" min))
          ((= min max) (format nil "exactly ~D argument~:P" max))
          (t (format nil "~D to ~D argument~:P" min max)))))

;;; Facts
;;;
;;; What a symbol names as a variable is :unknown; :special; :global, never bound dynamically; (:constant), or (:constant VALUE)
;;; where the compiler knows it; or (:symbol-macro EXPANSION). As an operator: :unknown, :macro or :function.

(defstruct facts
  "The facts of one symbol."
  (variable :unknown)
  (operator :unknown)
  (compiler-macro nil)
  (setf-expander nil)
  (notinline nil))

(defun symbol-macro-fact (expansion) (list :symbol-macro expansion))
(defun symbol-macro-fact-p (fact) (and (consp fact) (eq (first fact) :symbol-macro)))
(defun known-constant-fact (value) (list :constant value))
(defun unknown-constant-fact () (list :constant))
(defun constant-fact-p (fact) (and (consp fact) (eq (first fact) :constant)))
(defun known-constant-fact-p (fact) (and (constant-fact-p fact) (consp (rest fact))))

(defstruct (world (:constructor make-world ()) (:copier nil))
  "The global compile-time environment."
  (facts-by-symbol (make-hash-table :test #'eq))
  (signatures (make-hash-table :test #'eq)))

(defun copy-table (table copy-value)
  "A hash table with the symbols of TABLE and copies of their values."
  (let ((copy (make-hash-table :test #'eq :size (hash-table-count table))))
    (maphash (lambda (symbol object) (setf (gethash symbol copy) (funcall copy-value object))) table)
    copy))

(defun copy-world (world)
  "A world that may change on its own."
  (let ((copy (make-world)))
    (setf (world-facts-by-symbol copy) (copy-table (world-facts-by-symbol world) #'copy-facts)
          (world-signatures copy) (copy-table (world-signatures world) #'identity))
    copy))

(defun world-facts-table ()
  (world-facts-by-symbol (context-world *context*)))

(defun world-signature-table ()
  (world-signatures (context-world *context*)))

(defvar *no-facts* (make-facts)
  "What is known of other symbols.")

(defun world-facts (symbol)
  "What is known of a symbol; not to be changed."
  (gethash symbol (world-facts-table) *no-facts*))

(defun world-facts-mut (symbol)
  "What is known of a symbol, to be changed."
  (let ((table (world-facts-table)))
    (or (gethash symbol table)
        (setf (gethash symbol table) (make-facts)))))

(defun world-signature (symbol)
  "The parameters of a function that compiled code may call directly, or NIL."
  (values (gethash symbol (world-signature-table))))

(defun world-set-signature (symbol signature)
  "Records a function's parameters."
  (setf (gethash symbol (world-signature-table)) signature))

(defun world-special-p (symbol)
  "Whether references to the variable are dynamic."
  (member (facts-variable (world-facts symbol)) '(:special :global)))
