;;;; Type specifiers: DEFTYPE and TYPEP (CLHS 4.2, 4.4). SUBTYPEP is in subtypep.lisp, TYPE-OF and COERCE in coerce.lisp.
;;;;
;;;; A basic type is a symbol with one test expression, which serves both the function TYPEP and inline code. A compound type is a
;;;; list with a name that gives, from its arguments, such an expression. So both ways of testing have one definition each.

(in-package :clysm)

;;; Derived types.

(defun %set-type-expander (name expander)
  "Makes EXPANDER, a function of a specifier and an environment, the definition of the type NAME. Returns NAME."
  (unless (symbolp name)
    (%type-error name 'symbol))
  (%check-lock :type-expander name)
  (when (or (%info name :type-test) (%info name :compound-type))
    (%error "~S is a standard type and cannot be redefined." name))
  (%set-info name :type-expander expander)
  name)

(defmacro deftype (name lambda-list &body body)
  (multiple-value-bind (forms declarations documentation) (%parse-body body t)
    (declare (ignore forms declarations))
    `(progn
       (eval-when (:compile-toplevel :load-toplevel :execute)
         (%set-type-expander ',name ,(%parse-deftype name lambda-list body))
         ,@(%documentation-forms name 'type documentation))
       ',name)))

(defun %type-name (type)
  "The symbol that the type specifier TYPE starts with."
  (let ((name (if (consp type) (car type) type)))
    (unless (symbolp name)
      (%error "~S is no type specifier." type))
    name))

(defun %expand-type (type &optional environment)
  "TYPE with all user definitions at its top expanded. Second value: whether there was one."
  (let ((expanded nil))
    (do () (nil)
      (let ((expander (if (%is instance type) nil (%info (%type-name type) :type-expander))))
        (unless expander
          (return (values type expanded)))
        (setq type (funcall expander type environment)
              expanded t)))))

;;; Basic types.

(defun %set-basic-type (name test expression)
  (%set-info name :type-test test)
  (%set-info name :type-expression expression))

(defmacro %define-basic-types (variable &rest definitions)
  "Defines types by pairs (NAME EXPRESSION), the expression true when the value of VARIABLE is of the type."
  `(progn
     ,@(mapcar (lambda (definition)
                 `(eval-when (:compile-toplevel :load-toplevel :execute)
                    (%set-basic-type ',(car definition)
                                     (lambda (,variable) (declare (ignorable ,variable)) ,(car (cdr definition)))
                                     '(,variable ,(car (cdr definition))))))
               definitions)))

(declaim (inline %array-header-of-rank-1-p))
(defun %array-header-of-rank-1-p (object)
  (and (%is array object)
       (eq 1 (%array-length simple-vector (%get array dimensions object)))))

(defun %header-data-p (object kind)
  "True when OBJECT is a non-simple vector whose elements are of KIND, CHARACTER or BIT."
  (and (%array-header-of-rank-1-p object)
       (eq (array-element-type object) kind)))

(defun %standard-char-p (object)
  (and (%is character object)
       (let ((code (char-code object)))
         (or (eql code 10) (<= 32 code 126)))))

(%define-basic-types x
  (t t)
  (nil nil)
  (null (eq x nil))
  (cons (%is cons x))
  (list (or (%is cons x) (eq x nil)))
  (atom (not (%is cons x)))
  (symbol (%is symbol x))
  (keyword (and (%is symbol x) (keywordp x)))
  (boolean (or (eq x t) (eq x nil)))
  (character (%is character x))
  (base-char (%is character x))
  (extended-char nil)
  (standard-char (%standard-char-p x))
  (function (%is function x))
  (compiled-function (and (%is function x) (not (%evaluated-function-p x))))
  (fixnum (%fixnump x))
  (bignum (%is bignum x))
  (integer (or (%fixnump x) (%is bignum x)))
  (bit (or (eq x 0) (eq x 1)))
  (unsigned-byte (or (and (%fixnump x) (<= 0 x)) (and (%is bignum x) (<= 0 x))))
  (signed-byte (or (%fixnump x) (%is bignum x)))
  (ratio (%is ratio x))
  (rational (or (%fixnump x) (%is bignum x) (%is ratio x)))
  (single-float (%is single x))
  (short-float (%is single x))
  (double-float (%is double x))
  (long-float (%is double x))
  (float (or (%is double x) (%is single x)))
  (real (or (%fixnump x) (%is double x) (%is single x) (%is bignum x) (%is ratio x)))
  (complex (%is complex x))
  (number (or (%fixnump x) (%is double x) (%is single x) (%is bignum x) (%is ratio x) (%is complex x)))
  (simple-string (%is string x))
  (simple-base-string (%is string x))
  (string (or (%is string x) (%header-data-p x 'character)))
  (base-string (or (%is string x) (%header-data-p x 'character)))
  (simple-bit-vector (%is bit-vector x))
  (bit-vector (or (%is bit-vector x) (%header-data-p x 'bit)))
  (simple-vector (%is simple-vector x))
  (vector (or (%is string x) (%is simple-vector x) (vectorp x)))
  (simple-array (or (%is string x) (%is simple-vector x) (%simple-array-p x)))
  (array (or (%is string x) (%is simple-vector x) (arrayp x)))
  (sequence (or (%is cons x) (eq x nil) (%is string x) (%is simple-vector x) (vectorp x))))

;;; Compound types. The function of a compound type takes the variable that holds the object and the arguments of the specifier and
;;; gives a test expression. TYPEP itself, further below, interprets specifiers without making expressions.

(defmacro %define-compound-type (name (variable &rest lambda-list) &body body)
  "Defines how (NAME . LAMBDA-LIST) is tested: BODY gives the expression. A missing argument is *."
  (let ((type (gensym)))
    `(eval-when (:compile-toplevel :load-toplevel :execute)
       (%set-info ',name :compound-type
                  (lambda (,variable ,type)
                    (declare (ignorable ,variable))
                    ,(%type-arguments-form name lambda-list `(cdr ,type) body))))))

(defun %type-arguments-form (name lambda-list arguments body)
  (let ((source (gensym)))
    (multiple-value-bind (bindings temporaries)
        (%destructuring-bindings lambda-list source source name ''* nil)
      `(let* ((,source ,arguments) ,@bindings)
         (declare (ignorable ,source ,@temporaries))
         ,@body))))

(defun %bound-tests (variable low high)
  "Tests that the real VARIABLE lies between the bounds LOW and HIGH of an interval designator (CLHS 12.1.4.1)."
  (append (cond ((eq low '*) nil)
                ((consp low) `((< ,(car low) ,variable)))
                (t `((<= ,low ,variable))))
          (cond ((eq high '*) nil)
                ((consp high) `((< ,variable ,(car high))))
                (t `((<= ,variable ,high))))))

(defun %check-bound (bound type)
  "Returns BOUND when it is * or a number of the basic type TYPE or a list of one."
  (unless (or (eq bound '*)
              (typep (if (consp bound) (car bound) bound) type))
    (%error "~S is no bound of the type ~S." bound type))
  bound)

(defun %interval-test (variable type low high)
  `(and ,(%typep-expression variable type)
        ,@(%bound-tests variable (%check-bound low type) (%check-bound high type))))

(defun %closed-bound (bound step)
  "The integer BOUND, closed: one STEP further when it is open."
  (if (consp bound) (+ (car bound) step) bound))

(%define-compound-type integer (x &optional low high)
  (let ((low (%closed-bound (%check-bound low 'integer) 1))
        (high (%closed-bound (%check-bound high 'integer) -1)))
    (if (and (%fixnump low) (%fixnump high))
        `(and (%fixnump ,x) (<= ,low ,x) (<= ,x ,high))
        (%interval-test x 'integer low high))))

(%define-compound-type rational (x &optional low high) (%interval-test x 'rational low high))
(%define-compound-type real (x &optional low high) (%interval-test x 'real low high))
(%define-compound-type float (x &optional low high) (%interval-test x 'float low high))
(%define-compound-type single-float (x &optional low high) (%interval-test x 'single-float low high))
(%define-compound-type short-float (x &optional low high) (%interval-test x 'single-float low high))
(%define-compound-type double-float (x &optional low high) (%interval-test x 'double-float low high))
(%define-compound-type long-float (x &optional low high) (%interval-test x 'double-float low high))

(defun %check-size (size type)
  (unless (and (integerp size) (< 0 size))
    (%error "~S is no size of the type ~S." size type))
  size)

(%define-compound-type mod (x n)
  (%typep-expression x `(integer 0 ,(1- (%check-size n 'mod)))))

(%define-compound-type unsigned-byte (x &optional size)
  (%typep-expression x (if (eq size '*)
                           'unsigned-byte
                           `(integer 0 ,(1- (ash 1 (%check-size size 'unsigned-byte)))))))

(%define-compound-type signed-byte (x &optional size)
  (%typep-expression x (if (eq size '*)
                           'integer
                           (let ((limit (ash 1 (1- (%check-size size 'signed-byte)))))
                             `(integer ,(- limit) ,(1- limit))))))

(%define-compound-type complex (x &optional part)
  (if (eq part '*)
      `(%is complex ,x)
      (let ((upgraded (upgraded-complex-part-type part)))
        (if (eq upgraded 'real)
            `(%is complex ,x)
            `(and (%is complex ,x) (typep (%get complex real ,x) ',upgraded))))))

(%define-compound-type cons (x &optional car-type cdr-type)
  (flet ((part-test (reader type)
           (if (or (eq type '*) (eq type t))
               nil
               `((typep (,reader ,x) ',type)))))
    `(and (%is cons ,x)
          ,@(part-test 'car car-type)
          ,@(part-test 'cdr cdr-type))))

(%define-compound-type and (x &rest types)
  `(and ,@(mapcar (lambda (type) (%typep-expression x type)) types)))

(%define-compound-type or (x &rest types)
  `(or ,@(mapcar (lambda (type) (%typep-expression x type)) types)))

(%define-compound-type not (x type)
  `(not ,(%typep-expression x type)))

(%define-compound-type member (x &rest objects)
  `(or ,@(mapcar (lambda (object) (%key-test x object)) objects)))

(%define-compound-type eql (x object)
  (%key-test x object))

(%define-compound-type satisfies (x predicate)
  (unless (symbolp predicate)
    (%type-error predicate 'symbol))
  `(if (funcall ',predicate ,x) t nil))

;;; Arrays.

(defun %dimensions-match-p (array dimensions)
  "True when DIMENSIONS, a rank or a list of lengths and *, fits ARRAY."
  (if (integerp dimensions)
      (eql (array-rank array) dimensions)
      (let ((axis 0) (rank (array-rank array)))
        (do ((tail dimensions (cdr tail)))
            ((null tail) (eql axis rank))
          (unless (and (< axis rank)
                       (or (eq (car tail) '*)
                           (eql (car tail) (array-dimension array axis))))
            (return nil))
          (setq axis (1+ axis))))))

(defun %array-matches-p (array element-type dimensions)
  "True when ARRAY has the upgraded ELEMENT-TYPE and the DIMENSIONS; either may be *."
  (and (or (eq element-type '*)
           (equal (array-element-type array) element-type))
       (or (eq dimensions '*)
           (%dimensions-match-p array dimensions))))

(defun %array-test (x base element-type dimensions)
  "The test that X is an array of the basic type BASE with ELEMENT-TYPE and DIMENSIONS as written in a specifier."
  (let ((upgraded (if (eq element-type '*) '* (upgraded-array-element-type element-type))))
    (cond ((and (eq upgraded '*) (eq dimensions '*))
           (%typep-expression x base))
          ((and (eq base 'simple-array) (equal dimensions '(*)) (%simple-vector-test x upgraded)))
          (t `(and ,(%typep-expression x base)
                   (%array-matches-p ,x ',upgraded ',dimensions))))))

(defun %simple-vector-test (x element-type)
  "The test for simple vectors of the upgraded ELEMENT-TYPE, or NIL when there are several kinds."
  (cond ((eq element-type t) `(%is simple-vector ,x))
        ((eq element-type 'character) `(%is string ,x))
        ((eq element-type 'bit) `(%is bit-vector ,x))
        ((eq element-type 'single-float) `(%is f32-vector ,x))
        ((eq element-type 'double-float) `(%is f64-vector ,x))
        ((equal element-type '(unsigned-byte 8)) `(%is u8-vector ,x))
        ((equal element-type '(unsigned-byte 16)) `(%is u16-vector ,x))
        ((equal element-type '(unsigned-byte 32)) `(%is u32-vector ,x))
        ((equal element-type '(signed-byte 32)) `(%is s32-vector ,x))
        (t nil)))

(defun %one-dimension (length)
  (if (eq length '*) '* (list length)))

(%define-compound-type array (x &optional element-type dimensions)
  (%array-test x 'array element-type dimensions))
(%define-compound-type simple-array (x &optional element-type dimensions)
  (%array-test x 'simple-array element-type dimensions))
(%define-compound-type vector (x &optional element-type length)
  (%array-test x 'vector element-type (%one-dimension length)))
(%define-compound-type simple-vector (x &optional length)
  (%array-test x 'simple-vector '* (%one-dimension length)))
(%define-compound-type string (x &optional length)
  (%array-test x 'string '* (%one-dimension length)))
(%define-compound-type base-string (x &optional length)
  (%array-test x 'string '* (%one-dimension length)))
(%define-compound-type simple-string (x &optional length)
  (%array-test x 'simple-string '* (%one-dimension length)))
(%define-compound-type simple-base-string (x &optional length)
  (%array-test x 'simple-string '* (%one-dimension length)))
(%define-compound-type bit-vector (x &optional length)
  (%array-test x 'bit-vector '* (%one-dimension length)))
(%define-compound-type simple-bit-vector (x &optional length)
  (%array-test x 'simple-bit-vector '* (%one-dimension length)))

(%define-compound-type function (x &rest signature)
  (if signature
      (%error "~S tells nothing that TYPEP could test." `(function ,@signature))
      `(%is function ,x)))

(%define-compound-type values (x &rest types)
  (%error "~S is no type of a single object." `(values ,@types)))

;;; TYPEP at compile time.

(defun %class-expression (x class)
  "The test that X is an instance of CLASS."
  (let ((name (%class-name class)))
    (cond ((not (and (symbolp name) (eq (%find-class name) class)))
           `(%subclassp (class-of ,x) ,class))
          ((%structure-class-p class)
           `(and (%is instance ,x)
                 (or (eq (%array-ref instance ,x 0) ,(%structure-class-form name))
                     (%subtype-at-depth-p (%array-ref instance ,x 0) ,(%structure-class-form name)
                                          ,(%class-depth class)))))
          ((%condition-class-p class)
           `(and (%is instance ,x)
                 (%subclassp (%array-ref instance ,x 0) (%class-constant ,name))))
          (t `(%subclassp (class-of ,x) (%class-constant ,name))))))

(defun %unknown-type (type)
  (%error "~S is no known type." type))

(defun %simple-name-expression (x name)
  "The test that X is of the type with the symbol NAME."
  (let ((expression (%info name :type-expression)))
    (cond (expression (%substitute-variable x expression))
          ((%find-class name) (%class-expression x (%find-class name)))
          (t (%unknown-type name)))))

(defun %substitute-variable (x expression)
  "The second element of EXPRESSION with X in place of its first, a variable."
  (labels ((walk (form)
             (cond ((eq form (car expression)) x)
                   ((consp form) (cons (walk (car form)) (walk (cdr form))))
                   (t form))))
    (walk (car (cdr expression)))))

(defun %typep-expression (x type)
  "A form that is true when the variable X holds an object of TYPE. An error when TYPE is not known."
  (let ((type (%expand-type type)))
    (cond ((%is instance type) (%class-expression x type))
          ((symbolp type) (%simple-name-expression x type))
          ((%info (car type) :compound-type)
           (funcall (%info (car type) :compound-type) x type))
          ((and (null (cdr type)) (or (%info (car type) :type-expression) (%find-class (car type))))
           (%simple-name-expression x (car type)))
          (t (%unknown-type type)))))

(defun %known-type-p (type)
  "True when every name in the type specifier TYPE is defined and its arguments are sound, so that a test can be compiled
now. Errors in a specifier are left to TYPEP at run time, where they can be handled."
  (let ((type (%expand-type type)))
    (cond ((%is instance type) nil)
          ((symbolp type) (or (%info type :type-expression) (%find-class type)))
          ((%memq (car type) '(and or not))
           (dolist (part (cdr type) t)
             (unless (%known-type-p part)
               (return nil))))
          (t (and (%info (car type) :compound-type) (%sound-arguments-p type))))))

(defun %sound-arguments-p (type)
  "True when the arguments of the compound type specifier TYPE are such as its name wants."
  (case (car type)
    (values nil)
    (function (null (cdr type)))
    ((integer rational real float single-float short-float double-float long-float)
     (dolist (bound (cdr type) t)
       (unless (or (eq bound '*)
                   (typep (if (consp bound) (car bound) bound) (car type)))
         (return nil))))
    (mod (typep (cdr type) '(cons (integer 1) null)))
    ((unsigned-byte signed-byte) (typep (cdr type) '(or null (cons (or (eql *) (integer 1)) null))))
    (t t)))

(define-compiler-macro typep (&whole form object type &optional environment)
  (let* ((x (gensym))
         (test (if (and (null environment)
                        (consp type)
                        (eq (car type) 'quote)
                        (%known-type-p (car (cdr type))))
                   (%typep-expression x (car (cdr type)))
                   form)))
    (if (or (eq test form) (and *%sealed* (%reads-fields-p test)))
        form
        `(let ((,x ,object))
           (declare (ignorable ,x))
           (if ,test t nil)))))

(defun %reads-fields-p (expression)
  "True when EXPRESSION reads what objects are made of: programs may not, once preludes are sealed."
  (cond ((consp expression)
         (or (%reads-fields-p (car expression)) (%reads-fields-p (cdr expression))))
        ((symbolp expression)
         (%memq expression '(%get %array-ref %array-length %subclassp %subtype-at-depth-p %instance-class)))
        (t nil)))

;;; TYPEP at run time.

(defun %bounds-hold-p (x low high)
  (and (cond ((eq low '*) t)
             ((consp low) (< (car low) x))
             (t (<= low x)))
       (cond ((eq high '*) t)
             ((consp high) (< x (car high)))
             (t (<= x high)))))

(defun %second-argument (type)
  (if (cdr (cdr type)) (car (cdr (cdr type))) '*))

(defun %first-argument (type)
  (if (cdr type) (car (cdr type)) '*))

(defun %numeric-typep (x type)
  "True when X is of TYPE, a list of the name of a real type and bounds."
  (let ((name (car type)) (low (%first-argument type)) (high (%second-argument type)))
    (and (%funcall (%info name :type-test) x)
         (%bounds-hold-p x (%check-bound low name) (%check-bound high name)))))

(defun %array-typep (x type element-type dimensions)
  (and (%funcall (%info (car type) :type-test) x)
       (%array-matches-p x
                         (if (eq element-type '*) '* (upgraded-array-element-type element-type))
                         dimensions)))

(defun %byte-limit (type step)
  "2 to the power of the size that TYPE, a byte type, has, less STEP bits."
  (ash 1 (- (%check-size (car (cdr type)) (car type)) step)))

(defun %compound-typep (x type)
  (case (car type)
    (and (dolist (part (cdr type) t)
           (unless (typep x part) (return nil))))
    (or (dolist (part (cdr type) nil)
          (when (typep x part) (return t))))
    (not (%check-arguments (cdr type) 1 1 type)
         (not (typep x (car (cdr type)))))
    (member (dolist (object (cdr type) nil)
              (when (eql x object) (return t))))
    (eql (eql x (car (cdr type))))
    (satisfies (if (funcall (car (cdr type)) x) t nil))
    (cons (and (%is cons x)
               (or (eq (%first-argument type) '*) (typep (car x) (%first-argument type)))
               (or (eq (%second-argument type) '*) (typep (cdr x) (%second-argument type)))))
    ((integer rational real float single-float short-float double-float long-float)
     (%numeric-typep x type))
    (mod (and (integerp x) (<= 0 x) (< x (%check-size (car (cdr type)) 'mod))))
    (unsigned-byte
     (and (integerp x) (<= 0 x)
          (or (eq (%first-argument type) '*) (< x (%byte-limit type 0)))))
    (signed-byte
     (and (integerp x)
          (or (eq (%first-argument type) '*)
              (let ((limit (%byte-limit type 1)))
                (and (<= (- limit) x) (< x limit))))))
    (complex
     (and (%is complex x)
          (or (eq (%first-argument type) '*)
              (typep (%get complex real x) (upgraded-complex-part-type (%first-argument type))))))
    ((array simple-array)
     (%array-typep x type (%first-argument type) (%second-argument type)))
    (vector
     (%array-typep x type (%first-argument type) (%one-dimension (%second-argument type))))
    ((simple-vector string base-string simple-string simple-base-string bit-vector simple-bit-vector)
     (%array-typep x type '* (%one-dimension (%first-argument type))))
    (function
     (if (cdr type)
         (%error "~S tells nothing that TYPEP could test." type)
         (%is function x)))
    (values (%error "~S is no type of a single object." type))
    (t (if (cdr type)
           (%unknown-type type)
           (%named-typep x (car type))))))

(defun %named-typep (x name)
  (let ((test (%info name :type-test)))
    (if test
        (%funcall test x)
        (let ((class (%find-class name)))
          (if class
              (%subclassp (class-of x) class)
              (%unknown-type name))))))

(defun typep (object type &optional environment)
  (let ((type (if (or (%is cons type) (and (%is symbol type) (null (%info type :type-test))))
                  (%expand-type type environment)
                  type)))
    (if (cond ((%is symbol type) (%named-typep object type))
              ((%is cons type) (%compound-typep object type))
              ((%class-p type) (%subclassp (class-of object) type))
              (t (%unknown-type type)))
        t
        nil)))
