;;;; Declarations (CLHS 3.3): what a body declares, and which of it the compiler uses.

(in-package :clysm-compiler)

(defstruct (declarations (:constructor make-declarations ()) (:copier nil) (:predicate nil))
  "What the declarations at the head of a body say. Of each name the first association counts."
  (specials '())
  (ignored '())                         ; (NAME . :YES) for IGNORE, (NAME . :MAYBE) for IGNORABLE
  (representations '())                 ; (NAME . REPRESENTATION): the unboxed representation of its type
  (vectors '())                         ; (NAME . TYPE): the kind of simple vector that it holds
  (inlining '()))                       ; (NAME . INLINE-P): functions declared INLINE or NOTINLINE

(defun declarations-special-p (declared name)
  (and (member name (declarations-specials declared) :test #'eq) t))

(defun declarations-ignore (declared name)
  "What is declared of the use of NAME: :YES, :MAYBE, or :NO if nothing is."
  (or (cdr (assoc name (declarations-ignored declared) :test #'eq)) :no))

(defun declarations-representation (declared name)
  (cdr (assoc name (declarations-representations declared) :test #'eq)))

(defun declarations-vector (declared name)
  (cdr (assoc name (declarations-vectors declared) :test #'eq)))

(defun declaration-p (form)
  (and (consp form) (eq (car form) 'declare)))

(defun convert-parse-body (body docstring-allowed)
  "Splits a body into declarations, docstring (where one is allowed) and forms (CLHS 3.4.11); returns the declarations and the
forms."
  (let ((forms (convert-list body "a body"))
        (declarations (make-declarations))
        (docstring-p nil))
    (loop
      (let ((form (first forms)))
        (cond ((declaration-p form)
               (dolist (specifier (convert-list (cdr form) "DECLARE"))
                 (convert-declaration specifier declarations)))
              ((and docstring-allowed (not docstring-p) (stringp form) (rest forms))
               (setq docstring-p t))
              (t (return))))
      (pop forms))
    (finish-declarations declarations)
    (values declarations forms)))

(defun finish-declarations (declarations)
  "Puts what was declared into the order in which it was."
  (macrolet ((reverse-slot (accessor)
               `(setf (,accessor declarations) (nreverse (,accessor declarations)))))
    (reverse-slot declarations-specials)
    (reverse-slot declarations-ignored)
    (reverse-slot declarations-representations)
    (reverse-slot declarations-vectors)
    (reverse-slot declarations-inlining)))

(defun docstring-of (forms)
  "The docstring at the head of a definition's body FORMS, or NIL."
  (let ((rest (member-if-not #'declaration-p forms)))
    (and (cdr rest) (stringp (car rest)) (car rest))))

(defmacro declare-names (value names place)
  "Associates those of NAMES that are symbols with VALUE in the list PLACE."
  (let ((name (gensym "NAME")) (known (gensym "VALUE")))
    `(let ((,known ,value))
       (dolist (,name ,names)
         (when (symbolp ,name)
           (push (cons ,name ,known) ,place))))))

(defun convert-declaration (specifier into)
  (let ((parts (convert-list specifier "a declaration specifier")))
    (when parts
      (destructuring-bind (head . operands) parts
        (case head
          (special (dolist (name operands)
                     (when (symbolp name) (push name (declarations-specials into)))))
          ;; Functions, written (FUNCTION name), are never reported as unused.
          (ignore (declare-names :yes operands (declarations-ignored into)))
          (ignorable (declare-names :maybe operands (declarations-ignored into)))
          ((inline notinline)
           (dolist (operand operands)
             (push (cons (values (convert-function-name operand)) (eq head 'inline))
                   (declarations-inlining into))))
          (type (when operands
                  (convert-declare-type (first operands) (rest operands) into)))
          (t (convert-declare-type head operands into)))))))

(defun convert-declare-type (specifier names into)
  (let ((representation (type-representation specifier)))
    (if representation
        (declare-names representation names (declarations-representations into))
        (let ((vector (vector-type specifier)))
          (when vector
            (declare-names vector names (declarations-vectors into)))))))

(defun vector-type (specifier)
  "The representation of the simple vectors among the objects of a type, if all of them have the same."
  (let ((parts (if (symbolp specifier) (list specifier) specifier)))
    (if (and (consp parts) (list-length-or-nil parts))
        (case (first parts)
          (simple-vector :simple-vector)
          ((string simple-string base-string simple-base-string) :string)
          ((bit-vector simple-bit-vector) :bit-vector)
          (vector (element-vector-type (rest parts)))
          ((array simple-array)
           (if (vector-dimensions-p (cddr parts)) (element-vector-type (rest parts)) nil))
          (t nil))
        nil)))

(defun vector-dimensions-p (dimensions)
  "Whether the first of DIMENSIONS, an array type's dimensions if it has any, is those of vectors; those left open may be."
  (let ((dimensions (if dimensions (first dimensions) '*)))
    (typecase dimensions
      (integer (eql dimensions 1))
      (list (eql (list-length-or-nil dimensions) 1))
      (t t))))

(defun element-vector-type (elements)
  "The simple vectors whose elements are of the first of the types ELEMENTS."
  (if (null elements)
      nil
      (let ((element (first elements)))
        (case (type-representation element)
          (:f64 :f64-vector)
          (:f32 :f32-vector)
          (t (cond ((consp element)
                    (cond ((equal element '(unsigned-byte 8)) :u8-vector)
                          ((equal element '(unsigned-byte 16)) :u16-vector)
                          (t nil)))
                   (t (case element
                        ((t) :simple-vector)
                        (bit :bit-vector)
                        ((character base-char) :string)
                        (t nil)))))))))

(defun type-representation (specifier)
  "The unboxed representation of a type, if it has one."
  (if (consp specifier)
      (if (fixnum-type-p specifier) :fixnum nil)
      (case specifier
        ((fixnum bit) :fixnum)
        ((double-float long-float) :f64)
        ((single-float short-float) :f32)
        (t nil))))

(defun fixnum-type-p (specifier)
  "Whether a compound type is one of fixnums."
  (and (list-length-or-nil specifier)
       (flet ((bound (index)
                (let ((bound (nth index specifier)))
                  (if (typep bound '(signed-byte 64)) bound nil))))
         (let ((one (bound 1)))
           (and one
                (case (first specifier)
                  (integer (let ((two (bound 2)))
                             (and (>= one most-negative-fixnum) two (<= two most-positive-fixnum))))
                  (mod (<= one most-positive-fixnum))
                  (unsigned-byte (<= one 30))
                  (signed-byte (<= one 31))
                  (t nil)))))))
