;;;; SUBTYPEP (CLHS 4.2.3). A type specifier is read as two sets: one that the type certainly contains and one that certainly
;;;; contains it. They differ only for what cannot be known, such as SATISFIES. A is a subtype of B when the upper set of A lies within
;;;; the lower set of B, and is none when the lower set of A does not lie within the upper set of B.

(in-package :clysm)

;;; Sets of the basic types. A bound of an interval is a rational or NIL.

(defun %interval-set (kinds low low-open high high-open)
  "The set of the numbers of KINDS, a list of kind numbers, in an interval."
  (let ((set (%array-new simple-vector %kind-count nil)))
    (dolist (kind kinds set)
      (%array-set simple-vector set kind (list (list low low-open high high-open))))))

(defun %bound-value (bound)
  "Two values for BOUND, *, a number or a list of a number: the rational or NIL, and whether it is open."
  (cond ((eq bound '*) (values nil nil))
        ((consp bound) (values (rational (car bound)) t))
        (t (values (rational bound) nil))))

(defun %bounded-set (kinds low high)
  (multiple-value-bind (low low-open) (%bound-value low)
    (multiple-value-bind (high high-open) (%bound-value high)
      (%interval-set kinds low low-open high high-open))))

(defglobal *%element-types*
  '(t character bit (unsigned-byte 8) (unsigned-byte 16) (unsigned-byte 32) (signed-byte 32) single-float double-float)
  "The upgraded array element types, in the order of the bits of array items.")

(defun %element-mask (element-type simple-only)
  "The bits of arrays with ELEMENT-TYPE, as written in a specifier."
  (let ((bits (if simple-only 1 3)) (mask 0) (shift 0)
        (upgraded (if (eq element-type '*) '* (upgraded-array-element-type element-type))))
    (dolist (type *%element-types* mask)
      (when (or (eq upgraded '*) (equal upgraded type))
        (setq mask (logior mask (ash bits shift))))
      (setq shift (+ shift 2)))))

(defun %dimension-pattern (dimensions)
  (if (integerp dimensions)
      (mapcar (lambda (axis) (declare (ignore axis)) '*) (%iota dimensions))
      dimensions))

(defun %array-set-of (element-type dimensions simple-only)
  (%kind-set 8 (list (list (%element-mask element-type simple-only) (%dimension-pattern dimensions)))))

(defun %vector-set-of (element-type length simple-only)
  (%array-set-of element-type (list length) simple-only))

(defun %class-set (class)
  "The set of the instances of CLASS, a class whose name is no basic type."
  (%kind-set 9 (list (list (list class)))))

(defun %code-set (intervals)
  (%kind-set 4 (mapcar (lambda (interval) (list (car interval) nil (cdr interval) nil)) intervals)))

(defun %symbol-set (symbols)
  "The set of the symbols in the list SYMBOLS."
  (%kind-set 6 (mapcar (lambda (symbol) (list (keywordp symbol) :in symbol)) symbols)))

(defun %object-set (object)
  "Two sets around the one OBJECT: exact for numbers other than zero and complex, characters and symbols."
  (cond ((symbolp object) (%exactly (%symbol-set (list object))))
        ((characterp object) (%exactly (%code-set (list (cons (char-code object) (char-code object))))))
        ((and (realp object) (not (and (floatp object) (zerop object))))
         (%exactly (%interval-set (list (%real-kind object)) (rational object) nil (rational object) nil)))
        (t (multiple-value-bind (lower upper) (%type-sets (type-of object))
             (declare (ignore lower))
             (values (%kind-set 0 nil) upper)))))

(defun %real-kind (number)
  (cond ((integerp number) 0)
        ((rationalp number) 1)
        ((%is single number) 2)
        (t 3)))

(defun %exactly (set)
  (values set set))

;;; Combining pairs of sets.

(defun %combine-sets (types operation start)
  "Two sets: those of TYPES put together by OPERATION, a function of two sets, from START."
  (let ((lower start) (upper start))
    (dolist (type types (values lower upper))
      (multiple-value-bind (type-lower type-upper) (%type-sets type)
        (setq lower (funcall operation lower type-lower)
              upper (funcall operation upper type-upper))))))

(defun %union-sets (types)
  (%combine-sets types #'%unite-sets (%kind-set 0 nil)))

(defun %cons-sets (car-type cdr-type)
  (multiple-value-bind (car-lower car-upper) (%type-sets (if (eq car-type '*) t car-type))
    (multiple-value-bind (cdr-lower cdr-upper) (%type-sets (if (eq cdr-type '*) t cdr-type))
      (values (%kind-set 7 (list (cons car-lower cdr-lower)))
              (%kind-set 7 (list (cons car-upper cdr-upper)))))))

(defun %member-sets (objects)
  (let ((lower (%kind-set 0 nil)) (upper (%kind-set 0 nil)))
    (dolist (object objects (values lower upper))
      (multiple-value-bind (object-lower object-upper) (%object-set object)
        (setq lower (%unite-sets lower object-lower)
              upper (%unite-sets upper object-upper))))))

(defun %function-sets (signature)
  "FUNCTION with a signature lies within FUNCTION; which functions it holds cannot be known."
  (let ((functions (%class-set (%class-constant function))))
    (if (or (null signature) (equal signature '(*)) (equal signature '(* *)))
        (%exactly functions)
        (values (%kind-set 0 nil) functions))))

(defun %complex-set (part)
  (%kind-set 5 (list (if (eq part '*)
                         7
                         (case (upgraded-complex-part-type part)
                           (rational 1)
                           (single-float 2)
                           (double-float 4)
                           (float 6)
                           ((nil) 0)
                           (t 7))))))

(defconstant %most-positive-fixnum 1073741823)
(defconstant %most-negative-fixnum -1073741824)

(defun %byte-set (type signed)
  "The set of the integers of TYPE, (UNSIGNED-BYTE size) or (SIGNED-BYTE size)."
  (let ((size (%first-argument type)))
    (cond ((eq size '*) (%bounded-set '(0) (if signed '* 0) '*))
          (signed (let ((limit (ash 1 (1- (%check-size size 'signed-byte)))))
                    (%bounded-set '(0) (- limit) (1- limit))))
          (t (%bounded-set '(0) 0 (1- (ash 1 (%check-size size 'unsigned-byte))))))))

(defun %real-set (type kinds)
  (let ((low (%first-argument type)) (high (%second-argument type)))
    (%bounded-set kinds (%check-bound low (car type)) (%check-bound high (car type)))))

;;; Reading specifiers.

(defun %standard-type-sets (type)
  "Two sets around TYPE, a list that starts with the name of a standard type, or NIL when it does not."
  (let ((first (%first-argument type)) (second (%second-argument type)))
    (case (car type)
      ((t *) (%exactly t))
      ((nil extended-char) (%exactly (%kind-set 0 nil)))
      (and (%combine-sets (cdr type) #'%intersect-sets t))
      (or (%union-sets (cdr type)))
      (not (multiple-value-bind (lower upper) (%type-sets first)
             (values (%complement-set upper) (%complement-set lower))))
      (member (%member-sets (cdr type)))
      (eql (%object-set first))
      (satisfies (values (%kind-set 0 nil) t))
      (cons (%cons-sets first second))
      (list (%union-sets '(null cons)))
      (null (%exactly (%symbol-set '(nil))))
      (boolean (%exactly (%symbol-set '(nil t))))
      (atom (%type-sets '(not cons)))
      (symbol (%exactly (%kind-set 6 '((nil :out) (t :out)))))
      (keyword (%exactly (%kind-set 6 '((t :out)))))
      ((character base-char) (%exactly (%kind-set 4 '((0 nil #x10FFFF nil)))))
      (standard-char (%exactly (%code-set '((10 . 10) (32 . 126)))))
      (integer (%exactly (%real-set type '(0))))
      (ratio (%exactly (%bounded-set '(1) '* '*)))
      (rational (%exactly (%real-set type '(0 1))))
      ((single-float short-float) (%exactly (%real-set type '(2))))
      ((double-float long-float) (%exactly (%real-set type '(3))))
      (float (%exactly (%real-set type '(2 3))))
      (real (%exactly (%real-set type '(0 1 2 3))))
      (number (%union-sets '(real complex)))
      (complex (%exactly (%complex-set first)))
      (bit (%exactly (%bounded-set '(0) 0 1)))
      (mod (%exactly (%bounded-set '(0) 0 (1- (%check-size first 'mod)))))
      (unsigned-byte (%exactly (%byte-set type nil)))
      (signed-byte (%exactly (%byte-set type t)))
      (fixnum (%exactly (%bounded-set '(0) %most-negative-fixnum %most-positive-fixnum)))
      (bignum (%type-sets '(and integer (not fixnum))))
      (array (%exactly (%array-set-of first second nil)))
      (simple-array (%exactly (%array-set-of first second t)))
      (vector (%exactly (%vector-set-of first second nil)))
      (simple-vector (%exactly (%vector-set-of t first t)))
      ((string base-string) (%exactly (%vector-set-of 'character first nil)))
      ((simple-string simple-base-string) (%exactly (%vector-set-of 'character first t)))
      (bit-vector (%exactly (%vector-set-of 'bit first nil)))
      (simple-bit-vector (%exactly (%vector-set-of 'bit first t)))
      (sequence (%union-sets '(null cons vector)))
      (function (%function-sets (cdr type)))
      ;; Some functions are compiled, others the evaluator's.
      (compiled-function (values (%kind-set 0 nil) (%function-sets nil)))
      (t nil))))

(defun %class-sets (class)
  "Two sets around the instances of CLASS."
  (let ((name (%class-name class)))
    (if (and (eq (%find-class name) class) (%info name :type-test))
        (%standard-type-sets (list name))
        (%exactly (%class-set class)))))

(defun %type-sets (type)
  "Two sets: one within TYPE, one around it."
  (let ((type (%expand-type type)))
    (cond ((%is instance type) (%class-sets type))
          ((and (consp type) (eq (car type) 'values))
           (%error "~S is no type of a single object." type))
          (t (multiple-value-bind (lower upper) (%standard-type-sets (if (consp type) type (list type)))
               (cond (lower (values lower upper))
                     ((and (symbolp type) (%find-class type)) (%class-sets (%find-class type)))
                     ;; What a type that is not defined yet will hold cannot be known.
                     (t (values (%kind-set 0 nil) t))))))))

(defun %all-of-type-p (objects type)
  (dolist (object objects t)
    (unless (typep object type)
      (return nil))))

(defun %subtypep-by-sets (type-1 type-2)
  (multiple-value-bind (lower-1 upper-1) (%type-sets type-1)
    (multiple-value-bind (lower-2 upper-2) (%type-sets type-2)
      (cond ((%subset-p upper-1 lower-2) (values t t))
            ((not (%subset-p lower-1 upper-2)) (values nil t))
            (t (values nil nil))))))

(defun %same-type-p (type-1 type-2)
  "True if the specifiers are the same by their structure; objects in EQL and MEMBER types have their identity."
  (or (eq type-1 type-2)
      (and (equal type-1 type-2)
           (not (and (consp type-1) (%memq (car type-1) '(eql member)))))))

(defun subtypep (type-1 type-2 &optional environment)
  (let ((type-1 (%expand-type type-1 environment))
        (type-2 (%expand-type type-2 environment)))
    (cond ((%same-type-p type-1 type-2) (values t t))
          ((or (null type-1) (eq type-2 t)) (values t t))
          ((and (%is instance type-1) (%is instance type-2)
                (%subclassp type-1 type-2))
           (values t t))
          ((and (consp type-1) (%memq (car type-1) '(eql member)) (%known-type-p type-2))
           (values (%all-of-type-p (cdr type-1) type-2) t))
          (t (%subtypep-by-sets type-1 type-2)))))
