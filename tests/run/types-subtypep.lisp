;;; SUBTYPEP (CLHS 4.2.3): for each type of a list, the positions of its supertypes in the list; then both values.
(setq *print-pretty* nil)
(defun show (&rest values) (prin1 values) (terpri))
(defstruct shape name)
(defstruct (circle (:include shape)) radius)
(defstruct other)
(define-condition err-a (error) ())
(define-condition err-b (err-a warning) ())
(deftype small () '(integer 0 10))
(defvar *types*
  '(t nil atom cons list null symbol keyword boolean character standard-char number complex real rational ratio integer fixnum bignum
    bit unsigned-byte float single-float double-float sequence array vector simple-vector simple-array string bit-vector function
    shape circle other structure-object condition error err-a err-b warning standard-object class small
    (integer 0 5) (integer (0) (5)) (integer 1 4) (integer 0 *) (integer * -1) (or (integer * -1) (integer 0 *)) (rational 0 1) (rational (0) (1)) (and rational (not integer))
    (real 0 10) (or rational float) (float 0.0 1.0) (single-float 0.5 0.75) (or single-float double-float) (not integer) (not (integer 0 0)) (and integer (not (eql 0)))
    (member 1 2 3) (member a b) (eql a) (member nil t) (or (eql nil) cons) (cons integer) (cons integer symbol) (cons (integer 0 5) null) (cons (or integer symbol) symbol) (cons nil) (not cons)
    (or symbol (not symbol)) (and symbol (not null)) (unsigned-byte 8) (signed-byte 16) (mod 256) (complex single-float) (complex rational) (array t) (array * 2) (array * (2 *)) (array t (2 3)) (vector t) (vector * 5)
    (simple-array character (*)) (and vector (not simple-array)) (or simple-vector bit-vector string) (not array) (vector bit) (or array symbol) (and fixnum unsigned-byte)))
(dolist (a *types*)
  (format t "~S ~S~%" a (loop for b in *types* for i from 0 when (subtypep a b) collect i)))
(show (multiple-value-list (subtypep '(satisfies oddp) 'integer)) (multiple-value-list (subtypep '(and integer (satisfies oddp)) 'integer)) (multiple-value-list (subtypep 'symbol '(and integer (satisfies oddp))))
      (multiple-value-list (subtypep '(satisfies oddp) '(satisfies oddp))) (multiple-value-list (subtypep 'nil '(satisfies oddp))))
(show (multiple-value-list (subtypep '(eql "a") 'string)) (multiple-value-list (subtypep '(member 1 "a") '(or integer string))) (multiple-value-list (subtypep '(member 1 "a") 'integer)))
(show (multiple-value-list (subtypep (find-class 'circle) 'shape)) (multiple-value-list (subtypep 'integer (find-class 'number))) (multiple-value-list (subtypep (find-class 'integer) (find-class 'symbol))))
(show (multiple-value-list (subtypep '(function (integer) t) 'function)) (multiple-value-list (subtypep '(cons (satisfies oddp) t) 'cons)))
(show (multiple-value-list (subtypep 'compiled-function 'function)) (multiple-value-list (subtypep 'compiled-function 'compiled-function))
      (subtypep 'function 'compiled-function) (multiple-value-list (subtypep '(complex nil) '(complex integer))))
