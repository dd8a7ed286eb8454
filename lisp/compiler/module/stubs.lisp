;;;; The functions that every module has once: entries for calls that don't fit, and for calls that pass arguments in a
;;;; vector. Mirrors module/stubs.rs.
;;;;
;;;; A stub is (:arity ENTRY), which signals that a function was called with that many arguments; (:undefined ENTRY), which
;;;; signals that a function is undefined; or (:pack COUNT), which packs the arguments into a vector and calls the vector entry.

(in-package :clysm-compiler)

(defun all-stubs ()
  "All of them, in the order of their indices."
  (append (mapcar (lambda (entry) (list :arity entry)) *entries*)
          (mapcar (lambda (entry) (list :undefined entry)) *entries*)
          (loop for count from 0 to +entry-limit+
                collect (list :pack count))))

(defun stub-name (stub)
  "The name of a stub for stack traces."
  (destructuring-bind (kind entry) stub
    (ecase kind
      (:arity (concatenate 'string "arity-" (entry-table-name entry)))
      (:undefined (concatenate 'string "undefined-" (entry-table-name entry)))
      (:pack (format nil "pack-~D" entry)))))

(defun stub-code (stub)
  "The code of a stub."
  (destructuring-bind (kind entry) stub
    (with-code ((code-new (stub-name stub) (entry-params entry) (eq-ref)))
      (ecase kind
        (:arity (write-wrong-count entry))
        (:undefined (write-undefined entry))
        (:pack (write-pack entry))))))

(defconstant +function-code+ 0
  "The index of a function object's code field.")

(defconstant +function-name+ 2
  "The index of a function object's name field.")

(defun write-wrong-count (entry)
  "Calls the signaller with the function and the count of arguments."
  (op :ref.null :function)
  (code-get 0)
  (op :ref.as_non_null)
  (cond ((eq entry :vector)
         (code-get 1)
         (op :array.len))
        (t (code-i32 entry)))
  (op :ref.i31)
  (code-return-call (list :global (runtime-name "signal-wrong-argument-count"))))

(defun write-undefined (entry)
  "Calls the signaller with the function's name and a vector of the arguments."
  (op :ref.null :function)
  (code-get 0)
  (op :struct.get :function +function-name+)
  (if (eq entry :vector)
      (code-get 1)
      (pack-arguments entry))
  (code-return-call (list :global (runtime-name "call-undefined-function"))))

(defun write-pack (count)
  "Calls the vector entry with the arguments in a vector."
  (code-get 0)
  (pack-arguments count)
  (code-get 0)
  (op :struct.get :function +function-code+)
  (op :return_call_indirect (entry-type-index :vector) (entry-table :vector)))

(defun pack-arguments (count)
  "Leaves a vector of that many arguments, which follow the function object."
  (loop for local from 1 to count
        do (code-get local))
  (op :array.new_fixed :simple-vector count))

(defun core-type (params results)
  "The type index of a function type that all modules have, or NIL."
  (if (equal results '(:eq))
      (dolist (entry *entries* nil)
        (if (equal params (entry-params entry))
            (return (entry-type-index entry))))))
