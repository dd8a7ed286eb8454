;;;; TYPE-OF, COERCE and the upgrading of complex parts (CLHS 4.4, 12.2). UPGRADED-ARRAY-ELEMENT-TYPE is in arrays.lisp.

(in-package :clysm)

(defun %number-type (number)
  "The type of NUMBER as TYPE-OF gives it."
  (cond ((%fixnump number)
         (cond ((or (eq number 0) (eq number 1)) 'bit)
               ((< number 0) 'fixnum)
               (t `(integer 0 ,most-positive-fixnum))))
        ((%is double number) 'double-float)
        ((%is single number) 'single-float)
        ((%is bignum number) (if (< number 0) 'bignum `(integer ,(+ most-positive-fixnum 1))))
        ((%is ratio number) 'ratio)
        (t `(complex ,(upgraded-complex-part-type (%number-type (%get complex real number)))))))

(defun %array-type (array)
  "The type of ARRAY as TYPE-OF gives it."
  (cond ((%is string array) `(simple-array character (,(length array))))
        ((%is simple-vector array) `(simple-vector ,(length array)))
        ((%is bit-vector array) `(simple-bit-vector ,(length array)))
        ((%simple-array-p array) `(simple-array ,(array-element-type array) ,(array-dimensions array)))
        ((vectorp array) `(vector ,(array-element-type array) ,(array-dimension array 0)))
        (t `(array ,(array-element-type array) ,(array-dimensions array)))))

(defun type-of (object)
  (cond ((%is instance object)
         (let* ((class (%instance-class object))
                (name (%class-name class)))
           (if (and name (symbolp name) (eq (%find-class name) class)) name class)))
        ((null object) 'null)
        ((eq object t) 'boolean)
        ((%is symbol object) (if (keywordp object) 'keyword 'symbol))
        ((%is cons object) 'cons)
        ((%is character object) (if (%standard-char-p object) 'standard-char 'character))
        ((%is function object)
         (let ((class (class-of object)))
           (if (and (eq class (%class-constant function)) (compiled-function-p object))
               'compiled-function
               (%class-name class))))
        ((numberp object) (%number-type object))
        ((arrayp object) (%array-type object))
        (t (%class-name (class-of object)))))

(defun upgraded-complex-part-type (type &optional environment)
  (declare (ignore environment))
  (cond ((subtypep type nil) nil)
        ((subtypep type 'rational) 'rational)
        ((subtypep type 'single-float) 'single-float)
        ((subtypep type 'double-float) 'double-float)
        ((subtypep type 'float) 'float)
        ((subtypep type 'real) 'real)
        (t (%error "~S is no type of the parts of a complex number." type))))

;;; COERCE.

(defun %cannot-coerce (object type)
  (%error 'simple-type-error :datum object :expected-type type
                            :format-control "~S cannot be coerced to the type ~S."
                            :format-arguments (list object type)))

(defun %coerced (result object type)
  "RESULT, made from OBJECT, when it is of TYPE indeed."
  (if (typep result type) result (%cannot-coerce object type)))

(defun %coerce-float (object type name)
  "The real OBJECT as a float of TYPE, a subtype of the float type NAME."
  (%coerced (case name
              ((single-float short-float) (float object 1.0f0))
              ((double-float long-float) (float object 1.0d0))
              (t (float object)))
            object type))

(defun %coerce-complex (object type)
  "The number OBJECT as a complex number of TYPE. A rational stays one, by the rule of canonical representation."
  (let ((part (if (consp type) (%first-argument type) '*)))
    (if (eq part '*)
        (complex object)
        (let ((part (upgraded-complex-part-type part)))
          (complex (%coerce-data (realpart object) part) (%coerce-data (imagpart object) part))))))

(defun %coerce-function (object)
  (cond ((and (consp object) (eq (car object) 'lambda))
         (eval `(function ,object)))
        ((and (or (symbolp object) (%setf-name-p object))
              (not (and (symbolp object) (or (%macro-function-in object nil) (special-operator-p object)))))
         (fdefinition object))
        (t (%cannot-coerce object 'function))))

(defun %simplified-type (type)
  "TYPE without definitions of users, a class as its name."
  (let ((type (%expand-type type)))
    (if (%is instance type) (%class-name type) type)))

(defun %coerce-data (object type)
  "COERCE to anything but a function, for a simplified TYPE."
  (let ((name (%type-name type)))
    (cond ((and (eq name 'complex) (realp object)) (%coerce-complex object type))
          ((typep object type) object)
          ((%memq name '(character base-char standard-char))
           (%coerced (character object) object type))
          ((%memq name '(float single-float double-float short-float long-float))
           (if (realp object)
               (%coerce-float object type name)
               (%cannot-coerce object type)))
          ((eq name 'complex)
           (if (numberp object)
               (%coerce-complex object type)
               (%cannot-coerce object type)))
          ((and (eq name 'and) (cdr type))
           (%coerced (%coerce-data object (%simplified-type (car (cdr type)))) object type))
          ((and (typep object 'sequence) (subtypep type 'sequence))
           (concatenate type object))
          (t (%cannot-coerce object type)))))

(defun coerce (object result-type)
  (let ((type (%simplified-type result-type)))
    (cond ((not (%memq (%type-name type) '(function compiled-function))) (%coerce-data object type))
          ((typep object type) object)
          (t (%coerce-function object)))))

;; A program that coerces to known types of data only needn't contain the evaluator.
(define-compiler-macro coerce (&whole form object type)
  (if (and (consp type) (eq (car type) 'quote) (%known-type-p (car (cdr type))))
      (let ((simplified (%simplified-type (car (cdr type)))))
        (if (%memq (%type-name simplified) '(function compiled-function))
            form
            `(%coerce-data ,object ',simplified)))
      form))
