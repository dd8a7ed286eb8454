;;;; Standard functions that are compiled inline, and what is known of functions of the library. Mirrors
;;;; lower/intrinsics.rs.
;;;;
;;;; An intrinsic is a list of its kind and, for some kinds, which one it is:
;;;;   (:cons-field INDEX)        CAR and CDR
;;;;   (:replace INDEX)           RPLACA and RPLACD: the cons is the value
;;;;   (:set-cons-field INDEX)    (SETF CAR) and (SETF CDR): the new element is the value
;;;;   (:test TYPE)               a type test: TYPE is a GC type, :LIST or :ATOM
;;;;   (:arithmetic OPERATION)    an operation on numbers, folded from the left
;;;;   (:step OPERATION)          1+ and 1-
;;;;   (:compare COMPARISON)      a comparison of two numbers
;;;;   (:sign COMPARISON)         a comparison with zero
;;;; All others are alone in their kind. An operation is one of :add, :subtract, :multiply, :and, :or, :xor, and a
;;;; comparison one of :less, :less-equal, :greater, :greater-equal, :equal.

(in-package :clysm-compiler)

(defparameter *intrinsics*
  (let ((table (make-hash-table :test 'eq)))
    (loop for (name least most . intrinsic)
            in '((car 1 1 :cons-field 0)
                 (first 1 1 :cons-field 0)
                 (cdr 1 1 :cons-field 1)
                 (rest 1 1 :cons-field 1)
                 (rplaca 2 2 :replace 0)
                 (rplacd 2 2 :replace 1)
                 ((setf car) 2 2 :set-cons-field 0)
                 ((setf cdr) 2 2 :set-cons-field 1)
                 (cons 2 2 :cons)
                 (list 0 64 :list)
                 (list* 1 64 :list*)
                 (eq 2 2 :eq)
                 (eql 2 2 :eql)
                 (not 1 1 :not)
                 (null 1 1 :not)
                 (endp 1 1 :endp)
                 (identity 1 1 :identity)
                 (consp 1 1 :test :cons)
                 (atom 1 1 :test :atom)
                 (listp 1 1 :test :list)
                 (symbolp 1 1 :test :symbol)
                 (characterp 1 1 :test :character)
                 (functionp 1 1 :test :function)
                 (simple-vector-p 1 1 :test :simple-vector)
                 (+ 2 64 :arithmetic :add)
                 (- 2 64 :arithmetic :subtract)
                 (* 2 64 :arithmetic :multiply)
                 (logand 2 64 :arithmetic :and)
                 (logior 2 64 :arithmetic :or)
                 (logxor 2 64 :arithmetic :xor)
                 (1+ 1 1 :step :add)
                 (1- 1 1 :step :subtract)
                 (< 2 2 :compare :less)
                 (<= 2 2 :compare :less-equal)
                 (> 2 2 :compare :greater)
                 (>= 2 2 :compare :greater-equal)
                 (= 2 2 :compare :equal)
                 (/= 2 2 :not-equal)
                 (zerop 1 1 :sign :equal)
                 (plusp 1 1 :sign :greater)
                 (minusp 1 1 :sign :less)
                 (svref 2 2 :svref)
                 ((setf svref) 3 3 :set-svref)
                 (char 2 2 :char)
                 (schar 2 2 :char)
                 (aref 2 2 :aref)
                 ((setf aref) 3 3 :set-aref)
                 (char-code 1 1 :char-code)
                 (code-char 1 1 :code-char)
                 (mod 2 2 :mod)
                 (rem 2 2 :rem)
                 (char= 2 2 :char-equal))
          do (setf (gethash (if (consp name) (clysm::%setf-symbol (second name)) name) table)
                   (list* least most intrinsic)))
    table)
  "By a function's symbol, (LEAST MOST . INTRINSIC): the argument counts for which the inline code applies, and what it
is.")

(defun intrinsic-for (symbol count)
  "The intrinsic for a call of SYMBOL with COUNT arguments, NIL if there is none."
  (let ((entry (gethash symbol *intrinsics*)))
    (and entry
         (<= (first entry) count (second entry))
         (cddr entry))))

(defun test-intrinsic-p (intrinsic)
  "Whether the value is a truth value, which the inline code can turn into a jump."
  (member (first intrinsic) '(:eq :eql :endp :test :compare :not-equal :sign :char-equal)))

(defun test-gc-type (test)
  "The type whose objects pass a type test, if it is one."
  (case test
    ((:atom :list) nil)
    (t test)))

(defun bitwise-p (operation)
  "Whether OPERATION is bitwise, and so closed on fixnums and undefined on floats."
  (member operation '(:and :or :xor)))

;;; The library

(defun never-returns-p (symbol)
  "Whether the library's function SYMBOL never returns: ERROR, and what ends in a call of it."
  (case symbol
    ((error clysm::%type-error clysm::%program-error clysm::%control-error clysm::%package-error clysm::%file-error
      clysm::%stream-error clysm::%reader-error clysm::%index-error clysm::%not-yet-supported)
     t)))

(defun comparison-function (comparison)
  "The runtime function for operands that are not both fixnums."
  (ecase comparison
    (:less 'clysm::generic-less)
    (:less-equal 'clysm::generic-less-equal)
    (:greater 'clysm::generic-greater)
    (:greater-equal 'clysm::generic-greater-equal)
    (:equal 'clysm::generic-equal)))

(defun arithmetic-function (operation)
  "The runtime function for operands that are not both fixnums."
  (ecase operation
    (:add 'clysm::generic-add)
    (:subtract 'clysm::generic-subtract)
    (:multiply 'clysm::generic-multiply)
    (:and 'clysm::generic-logand)
    (:or 'clysm::generic-logior)
    (:xor 'clysm::generic-logxor)))
