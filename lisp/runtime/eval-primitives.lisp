;;;; The evaluator: the primitives that standard macros, DEFSTRUCT first of all, expand into.
;;;;
;;;; They check nothing: with them, a program could read and write the slots of any instance, classes and packages among them. So
;;;; once preludes are sealed, macros expand into functions that check (structure-functions.lisp), and of the primitives only tests
;;;; of types are left.

(in-package :clysm)

(defun %check-primitive (form)
  "Signals if programs may not use the primitive of FORM."
  (when *%sealed*
    (%program-error "The primitive ~A can't be used in a program." (symbol-name (car form)))))

(defmacro %define-primitive-evaluators (&rest definitions)
  "Each definition is (PRIMITIVE COUNT TYPES): forms (PRIMITIVE TYPE ARGUMENT...) with COUNT arguments, for each of TYPES."
  `(progn
     ,@(mapcar
        (lambda (definition)
          (let* ((primitive (first definition))
                 (count (second definition))
                 (variables (mapcar (lambda (i) (nth i '(a b c))) (%iota count))))
            `(define-evaluator ,primitive (form env frame exits)
               ,@(if (eq primitive '%is) nil '((%check-primitive form)))
               (let ((nodes (%evaluators (cddr form) env frame)))
                 (case (cadr form)
                   ,@(mapcar (lambda (type)
                               `(,type (%with-arguments ,count nodes (f ,@variables)
                                         (,primitive ,type ,@variables))))
                             (third definition))
                   (t (%not-yet-supported "the primitive ~S in the evaluator" form)))))))
        definitions)))

(%define-primitive-evaluators
  (%is 1 (cons symbol function bignum ratio single double complex character string simple-vector bit-vector
          u8-vector u16-vector u32-vector s32-vector f32-vector f64-vector array instance))
  (%array-new 2 (instance simple-vector))
  (%array-ref 2 (instance simple-vector))
  (%array-set 3 (instance simple-vector))
  (%array-length 1 (instance simple-vector string)))

(define-evaluator %fixnump (form env frame exits)
  (let ((nodes (%evaluators (cdr form) env frame)))
    (%with-arguments 1 nodes (f a) (%fixnump a))))

(define-evaluator %unbound (form env frame exits)
  (%check-primitive form)
  (%constant-node (%unbound)))

(define-evaluator %funcall (form env frame exits)
  (%check-primitive form)
  (%call-of-node (%evaluator (cadr form) env frame nil) (cddr form) env frame))
