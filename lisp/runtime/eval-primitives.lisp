;;;; The evaluator: the primitives that standard macros, DEFSTRUCT first of all, expand into.

(in-package :clysm)

(defmacro %define-primitive-evaluators (&rest definitions)
  "Each definition is (PRIMITIVE COUNT TYPES): forms (PRIMITIVE TYPE ARGUMENT...) with COUNT arguments, for each of TYPES."
  `(progn
     ,@(mapcar
        (lambda (definition)
          (let* ((primitive (first definition))
                 (count (second definition))
                 (variables (mapcar (lambda (i) (nth i '(a b c))) (%iota count))))
            `(define-evaluator ,primitive (form env frame exits)
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
  (%constant-node (%unbound)))

(define-evaluator %funcall (form env frame exits)
  (%call-of-node (%evaluator (cadr form) env frame nil) (cddr form) env frame))
