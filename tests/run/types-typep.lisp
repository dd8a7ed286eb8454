;;; Type specifiers, TYPEP, SUBTYPEP, TYPE-OF, COERCE (CLHS 4).
;;; It is for load as source only: its macros use what the file itself defines.
(setq *print-pretty* nil)
(defun show (&rest values) (prin1 values) (terpri))
(defmacro outcome (form)
  `(handler-case ,form
     (type-error () :type-error)
     (error () :error)))
(defstruct shape name)
(defstruct (circle (:include shape)) radius)
(define-condition my-error (error) ())
(defun short-p (x) (and (consp x) (null (cdr x))))
(deftype small (&optional (limit 10)) `(integer 0 (,limit)))
(deftype pair-of (a &optional (b a)) `(cons ,a ,b))
(deftype starred (&optional x) `(quote-free ,x))
(deftype quote-free (x) (if (eq x '*) t `(eql ,x)))
(deftype name () '(or symbol string))

(defvar *objects*
  (list 0 1 -1 255 256 1000000 100000000000000000000 1/2 1.5 1.5d0 #c(1 2) #c(1.0 2.0) #\a #\Newline #\é
        nil t :key 'sym "str" (make-array 3 :element-type 'character :fill-pointer 2 :initial-element #\x)
        #(1 2) (vector) #*101 (make-array '(2 2)) (make-array 2 :element-type '(unsigned-byte 8)) (make-array 2 :element-type 'double-float)
        (make-array 2 :adjustable t) '(1 2) '(1) '(a . b) #'car (make-shape) (make-circle) (make-condition 'my-error) (make-hash-table) *standard-output* *package* (find-class 'shape)))
(defvar *types*
  '(t nil atom cons list null symbol keyword boolean character standard-char number complex real rational ratio integer
 ratio fixnum bignum bit unsigned-byte signed-byte float single-float double-float sequence array vector simple-vector simple-array string simple-string
    bit-vector simple-bit-vector function compiled-function shape circle condition error my-error hash-table stream package class
    (integer 0 255) (integer (0) *) (integer * (0)) (unsigned-byte 8) (signed-byte 8) (mod 2) (real 0 1.5) (float 1.0) (rational 1/2 (1)) (double-float 0d0 2d0)
    (single-float (1.5)) (complex float) (complex integer) (cons integer) (cons * integer) (cons integer (cons integer null)) (member 1 a nil) (eql :key)
    (and integer (not (integer 0 0))) (or string (and vector (not simple-array))) (not symbol) (and) (or) (satisfies short-p) (satisfies evenp-safe)
    (array * (2 2)) (array * 2) (array * *) (array t 1) (vector * 2) (vector t) (vector (unsigned-byte 8) 2) (simple-array double-float (*)) (string 3) (string 2)
    (bit-vector 3) (simple-vector 2) (simple-string 3) (array character) small (small 256) (pair-of integer) (pair-of symbol symbol) (starred) (starred 1) name))
(defun evenp-safe (x) (and (integerp x) (evenp x)))
(dolist (type *types*)
  (show type (loop for o in *objects* for i from 0 when (typep o type) collect i)))
(defmacro all-inline ()
  `(list ,@(mapcar (lambda (type) `(loop for o in *objects* for i from 0 when (typep o ',type) collect i)) (butlast *types* 0))))
(show (equal (all-inline)
             (mapcar (lambda (type) (loop for o in *objects* for i from 0 when (typep o type) collect i)) *types*)))
(show (outcome (typep 1 'no-such-type)) (outcome (typep 1 '(no-such-type 1))) (outcome (typep 1 '(values integer))) (outcome (typep #'car '(function (list) t))))
(show (typep (make-circle) (find-class 'shape)) (typep 1 (find-class 'integer)) (typep 1 (find-class 'symbol)))
(show (typecase (make-circle) (circle :circle) (shape :shape)) (typecase 5 ((small 5) :small) (small :ten)))

(dolist (o *objects*)
  (unless (typep o (type-of o)) (show :type-of-fails o))
  (unless (typep o (class-of o)) (show :class-of-fails o))
  (unless (subtypep (type-of o) (class-of o)) (show :type-within-class-fails o)))
(show (mapcar #'type-of (list nil 'a :k 1/2 1.5 1.5d0 (make-shape) (make-circle) '(1))))
(show (mapcar (lambda (o) (class-name (class-of o))) (list nil 'a '(1) 1/2 1.5 1.5d0 (make-shape) #\a)))

(show (coerce 1 'float) (coerce 1 'double-float) (coerce 1/2 'single-float) (coerce 1.5 'double-float) (coerce 1 'complex) (coerce 1.0 'complex) (coerce 1 '(complex float)) (coerce 1.5d0 'single-float)
      (coerce "a" 'character) (coerce 'a 'character) (coerce '(1 2) 'vector) (coerce #(1 2) 'list) (coerce "abc" 'list) (coerce '(#\a #\b) 'string) (coerce '(1 0 1) 'bit-vector)
      (coerce 5 'integer) (coerce 5 t) (coerce '(1 2) 'simple-vector) (coerce #*10 'vector) (coerce "ab" '(vector t)) (coerce nil 'vector) (coerce '(1 2) '(vector t 2)))
(show (funcall (coerce 'car 'function) '(1)) (funcall (coerce '(lambda (x) (* x x)) 'function) 3) (coerce 3 '(integer 0 5)))
(show (outcome (coerce 'abc 'character)) (outcome (coerce 1 'string)) (outcome (coerce "abc" 'integer)) (outcome (coerce 1 'symbol)))
(show (upgraded-complex-part-type 'float) (array-element-type (make-array 1 :element-type 'bit)) (upgraded-array-element-type 'bit) (upgraded-array-element-type t) (upgraded-array-element-type 'character))
(show (outcome (eval '(deftype integer () 'symbol))))
;; COMPILED-FUNCTION-P is TYPEP of COMPILED-FUNCTION, TYPE-OF agrees, and the streams' classes are none of structures.
(show (mapcar (lambda (f) (eq (compiled-function-p f) (typep f 'compiled-function)))
              (list #'car (lambda (x) x) (eval '(lambda (x) x)) (compile nil '(lambda (x) x))))
      (mapcar (lambda (f) (typep f (type-of f))) (list #'car (eval '(lambda (x) x))))
      (upgraded-complex-part-type nil) (typep #c(1.0 2.0) '(complex nil)))
(show (remove-if (lambda (stream)
                   (or (not (typep (class-of stream) 'structure-class)) (subtypep (class-of stream) 'structure-object)))
                 (list *terminal-io* *standard-input* *standard-output* *debug-io* (make-string-input-stream "")
                       (make-broadcast-stream) (make-string-output-stream))))
