;;;; The entries of function objects: how a call with some number of arguments reaches a function's own parameters.
;;;; Mirrors lower/entries.rs.
;;;;
;;;; An entry table reaches a function in one of three ways: :FUNCTION, the function itself, whose parameters are
;;;; exactly the arguments; :PACK, the module's shared function that packs this many arguments into a vector and calls
;;;; the vector entry; (:adaptor CODE), an adaptor of its own.

(in-package :clysm-compiler)

(defstruct (entries (:constructor make-entries (by-table)) (:copier nil) (:predicate nil))
  "The entries of one function; the counts that are missing signal an argument count error."
  by-table)                 ; an association list from table to how that reaches the function, in the order of the tables

(defmacro adaptor ((function builder) &body body)
  "An adaptor, written by BODY to BUILDER, that ends in a call of FUNCTION."
  `(list :adaptor (with-code (,builder)
                    ,@body
                    (code-return-call (list :local ,function)))))

(defmacro adaptor-call (name &body operands)
  "A call of a runtime function from an adaptor."
  `(progn (op :ref.null :function)
          ,@operands
          (code-call (list :global (runtime-name ,name)))))

(defun make-function-entries (function name)
  "The entries for FUNCTION, whose name for stack traces is NAME."
  (make-entries (loop for entry in *entries*
                      for way = (function-entry function name entry)
                      when way collect (cons (entry-table entry) way))))

(defun function-entry (function name entry)
  "How ENTRY reaches FUNCTION; NIL if calls through it signal an argument count error."
  (let* ((parameters (lambda-function-parameters function))
         (variadic (null (parameters-max-count parameters))))
    (cond ((eq entry :vector) (vector-entry function parameters name))
          ((not variadic) (count-entry function parameters name entry))
          ((not (parameters-accepts-keywords parameters)) (rest-entry function parameters name entry))
          ((>= entry (parameters-min-count parameters)) :pack))))

(defun count-entry (function parameters name count)
  "The entry for exactly COUNT arguments of a function without rest or keyword parameters."
  (let ((max (parameters-max-count parameters)))
    (cond ((not (<= (parameters-min-count parameters) count max)) nil)
          ((= count max) :function)
          (t (adaptor (function (code-lisp name count))
               (pass-parameters 0 count)
               (pass-unsupplied (- max count)))))))

(defun rest-entry (function parameters name count)
  "The entry for COUNT arguments of a function with a rest parameter: what is left over becomes a list."
  (let* ((min (parameters-min-count parameters))
         (before (+ min (length (parameters-optional parameters)))))
    (unless (< count min)
      (adaptor (function (code-lisp name count))
        (pass-parameters 0 (min count before))
        (pass-unsupplied (- before count))
        (pass-parameters (+ before 1) count)
        (lower-nil)
        (dotimes (index (max 0 (- count before)))
          (code-i32 0)
          (op :struct.new :cons))))))

(defun pass-parameters (first last)
  "Passes on the Wasm parameters from number FIRST to number LAST."
  (loop for index of-type fixnum from first to last do (code-get index)))

(defun pass-unsupplied (count)
  "Passes the mark of a missing argument COUNT times."
  (loop repeat count do (code-global-get '(:runtime :unsupplied))))

;;; The entry that takes a vector of arguments, in local 1

(defun vector-entry (function parameters name)
  "The entry that takes a vector of arguments. Calls with few arguments never use that of a function without rest or
keyword parameters."
  (let* ((min (parameters-min-count parameters))
         (max (parameters-max-count parameters))
         (start (+ min (length (parameters-optional parameters)))))
    (unless (and max (<= max +entry-limit+))
      (adaptor (function (code-new name (entry-params :vector) :eq))
        (let ((length (code-local :i32)))
          (code-get 1)
          (op :array.len)
          (code-set length)
          (check-argument-count length min max)
          (code-get 0)
          (dotimes (index min)
            (pass-element index))
          (loop for index of-type fixnum from min below start
                do (pass-optional-element index length)))
        (when (parameters-rest parameters)
          (adaptor-call "rest-from-vector"
            (code-get 1)
            (code-i32 start)
            (op :ref.i31)))
        (when (parameters-accepts-keywords parameters)
          (pass-keywords parameters start))))))

(defun pass-element (index)
  "Passes an element of the argument vector."
  (code-get 1)
  (code-i32 index)
  (op :array.get :simple-vector))

(defun pass-optional-element (index length)
  "Passes an element of the argument vector, or the mark of a missing argument when the number of arguments in the local
LENGTH is not greater than INDEX."
  (code-get length)
  (code-i32 index)
  (op :i32.gt_u)
  (code-if :eq)
  (pass-element index)
  (code-else)
  (code-global-get '(:runtime :unsupplied))
  (code-end))

(defun check-argument-count (length min max)
  "Signals an error unless the number of arguments in the local LENGTH is between MIN and MAX, which may be NIL."
  (code-get length)
  (code-i32 min)
  (op :i32.lt_u)
  (when max
    (code-get length)
    (code-i32 max)
    (ops (:i32.gt_u) (:i32.or)))
  (code-if nil)
  (adaptor-call "signal-wrong-argument-count"
    (code-get 0)
    (op :ref.as_non_null)
    (code-get length)
    (op :ref.i31))
  (op :return)
  (code-end))

(defun pass-keywords (parameters start)
  "Matches keywords: the library's parser returns a vector with an element for each parameter."
  (let* ((keywords (mapcar #'keyword-info-keyword (parameters-keywords parameters)))
         (literal (literal-pool-add-symbols (lower-context-literals *lower-context*) keywords)))
    (adaptor-call "parse-keywords"
      (code-get 0)
      (op :ref.as_non_null)
      (code-get 1)
      (code-i32 start)
      (op :ref.i31)
      (code-global-get (list :literal literal))
      (code-global-get (list :symbol (if (parameters-allow-other-keys parameters) t nil))))
    (if (null keywords)
        (op :drop)
        (let ((values (code-local (ref-to :simple-vector))))
          (op :ref.cast :simple-vector)
          (code-set values)
          (dotimes (index (length keywords))
            (code-get values)
            (code-i32 index)
            (op :array.get :simple-vector))))))
