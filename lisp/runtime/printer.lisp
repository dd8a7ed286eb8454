;;;; The printer: entry points, dispatch, and everything but symbols and numbers (CLHS 22.1, 22.4).

(in-package :clysm)

;;; State of one print operation: how deep it is, and with *PRINT-CIRCLE* what was found by the first pass.
(defvar *%print-depth* 0)
(defvar *%circle-table* nil)            ; object -> T met once, :SHARED met again, a fixnum its label once printed
(defvar *%circle-labels* 0)

;;; Entry points.

(defun write (object &key (stream nil)
                       ((:array *print-array*) *print-array*)
                       ((:base *print-base*) *print-base*)
                       ((:case *print-case*) *print-case*)
                       ((:circle *print-circle*) *print-circle*)
                       ((:escape *print-escape*) *print-escape*)
                       ((:gensym *print-gensym*) *print-gensym*)
                       ((:length *print-length*) *print-length*)
                       ((:level *print-level*) *print-level*)
                       ((:lines *print-lines*) *print-lines*)
                       ((:miser-width *print-miser-width*) *print-miser-width*)
                       ((:pprint-dispatch *print-pprint-dispatch*) *print-pprint-dispatch*)
                       ((:pretty *print-pretty*) *print-pretty*)
                       ((:radix *print-radix*) *print-radix*)
                       ((:readably *print-readably*) *print-readably*)
                       ((:right-margin *print-right-margin*) *print-right-margin*))
  (%output-object object (%output-stream stream))
  object)

(defun prin1 (object &optional stream)
  (let ((*print-escape* t))
    (%output-object object (%output-stream stream)))
  object)

(defun %princ (object stream)
  "PRINC to a stream that is known to be one."
  (if (and (%is string object) (null *print-circle*))
      (write-string object stream)
      (let ((*print-escape* nil) (*print-readably* nil))
        (%output-object object stream)))
  object)

(defun princ (object &optional stream)
  (%princ object (%output-stream stream)))

(defun print (object &optional stream)
  (let ((s (%output-stream stream)))
    (terpri s)
    (prin1 object s)
    (write-char #\space s)
    object))

(defun pprint (object &optional stream)
  (let ((s (%output-stream stream)))
    (terpri s)
    (let ((*print-pretty* t) (*print-escape* t))
      (%output-object object s))
    (values)))

(defun write-to-string (object &rest keys)
  (let ((stream (make-string-output-stream)))
    (apply #'write object :stream stream keys)
    (get-output-stream-string stream)))

(defun prin1-to-string (object)
  (let ((stream (make-string-output-stream)))
    (prin1 object stream)
    (get-output-stream-string stream)))

(defun princ-to-string (object)
  (let ((stream (make-string-output-stream)))
    (%princ object stream)
    (get-output-stream-string stream)))

;;; Dispatch.

(defun %output-object (object stream)
  (cond ((%fixnump object) (%output-integer object stream))
        (*print-circle* (%output-circularly object stream))
        (t (%output-plainly object stream))))

(defun %output-plainly (object stream)
  (cond ((%is symbol object) (%output-symbol object stream))
        ((%is string object) (%output-string object stream))
        ((%is cons object) (%output-nested object stream #'%output-list))
        ((%is instance object) (print-object object stream))
        ((characterp object) (%output-character object stream))
        ((numberp object) (%output-number object stream))
        ((arrayp object) (%output-array object stream))
        ((functionp object) (%output-function object stream))
        (t (%output-other object stream))))

(defun %output-nested (object stream printer)
  "Calls PRINTER on OBJECT and STREAM one level deeper, or writes # where *PRINT-LEVEL* says so."
  (cond ((or (null *print-level*) *print-readably*) (funcall printer object stream))
        ((>= *%print-depth* *print-level*) (write-char #\# stream))
        (t (let ((*%print-depth* (1+ *%print-depth*)))
             (funcall printer object stream)))))

(defun %length-limit ()
  "How many elements may be printed, or NIL."
  (if *print-readably* nil *print-length*))

(defun %output-list (list stream)
  (write-char #\( stream)
  (let ((limit (%length-limit)) (count 0) (tail list))
    (do () (nil)
      (when (and limit (>= count limit))
        (write-string "..." stream)
        (return nil))
      (%output-object (car tail) stream)
      (setq tail (cdr tail) count (1+ count))
      (cond ((null tail) (return nil))
            ((or (not (consp tail)) (and *%circle-table* (%labelled-p tail)))
             (write-string " . " stream)
             (%output-object tail stream)
             (return nil)))
      (write-char #\space stream)))
  (write-char #\) stream))

;;; Circularity and sharing (CLHS *PRINT-CIRCLE*): a first pass finds what is met more than once.

(defun %labelled-p (object)
  "True if the first pass met OBJECT more than once."
  (let ((state (gethash object *%circle-table*)))
    (and state (not (eq state t)))))

(defun %can-be-shared-p (object)
  "True if printing OBJECT leaves its identity open."
  (not (or (numberp object) (characterp object)
           (and (symbolp object) (symbol-package object)))))

(defun %mark (object table)
  "The first pass over OBJECT; lists are followed along their cdrs without recursion."
  (do () ((not (%can-be-shared-p object)))
    (when (gethash object table)
      (setf (gethash object table) :shared)
      (return nil))
    (setf (gethash object table) t)
    (cond ((consp object)
           (%mark (car object) table)
           (setq object (cdr object)))
          (t (%mark-parts object table)
             (return nil)))))

(defun %mark-parts (object table)
  (cond ((%is simple-vector object)
         (dotimes (i (length object)) (%mark (svref object i) table)))
        ((and (arrayp object) (eq (array-element-type object) t))
         (dotimes (i (if (vectorp object) (length object) (array-total-size object)))
           (%mark (row-major-aref object i) table)))
        ((and (%is instance object) (%plain-structure-p object))
         (dotimes (i (- (%array-length instance object) 2))
           (%mark (%array-ref instance object (+ i 2)) table)))))

(defun %output-circularly (object stream)
  (cond ((not (%can-be-shared-p object)) (%output-plainly object stream))
        ((null *%circle-table*)
         (let ((*%circle-table* (make-hash-table :test #'eq)) (*%circle-labels* 0))
           (%mark object *%circle-table*)
           (%output-circularly object stream)))
        (t (let ((state (gethash object *%circle-table*)))
             (cond ((or (null state) (eq state t)) (%output-plainly object stream))
                   ((eq state :shared)
                    (setf (gethash object *%circle-table*) (setq *%circle-labels* (1+ *%circle-labels*)))
                    (%output-label *%circle-labels* #\= stream)
                    (%output-plainly object stream))
                   (t (%output-label state #\# stream)))))))

(defun %output-label (n end stream)
  (write-char #\# stream)
  (%write-decimal n stream)
  (write-char end stream))

;;; Strings and characters.

(defun %output-string (string stream)
  (if (or *print-escape* *print-readably*)
      (%output-quoted string #\" stream)
      (write-string string stream)))

(defun %output-quoted (string quote stream)
  "Writes STRING between QUOTEs, with QUOTE and \\ in it escaped; the stretches between these in one piece."
  (write-char quote stream)
  (let ((start 0) (end (length string)))
    (dotimes (i end)
      (let ((c (char string i)))
        (when (or (char= c quote) (char= c #\\))
          (write-string string stream :start start :end i)
          (write-char #\\ stream)
          (setq start i))))
    (write-string string stream :start start :end end))
  (write-char quote stream))

(defun %output-character (character stream)
  (cond ((or *print-escape* *print-readably*)
         (write-string "#\\" stream)
         (let ((name (and (not (graphic-char-p character))
                          (char-name character))))
           (if name
               (write-string name stream)
               (write-char character stream))))
        (t (write-char character stream))))

;;; Arrays.

(defun %output-array (array stream)
  (cond ((stringp array) (%output-string array stream))
        ((not (or *print-array* *print-readably*))
         (%print-unreadable array stream t t nil))
        ((and *print-readably* (not (%array-syntax-tells-all-p array)))
         (%output-array-form array stream))
        ((bit-vector-p array) (%output-bits array stream))
        ((vectorp array) (%output-nested array stream #'%output-vector))
        (t (%output-multidimensional array stream))))

(defun %output-bits (bits stream)
  (write-string "#*" stream)
  (dotimes (i (length bits))
    (write-char (if (eql (aref bits i) 1) #\1 #\0) stream)))

(defun %output-vector (vector stream)
  (write-string "#(" stream)
  (let ((limit (%length-limit)))
    (dotimes (i (length vector))
      (when (> i 0) (write-char #\space stream))
      (when (and limit (>= i limit))
        (write-string "..." stream)
        (return nil))
      (%output-object (aref vector i) stream)))
  (write-char #\) stream))

(defun %output-multidimensional (array stream)
  (write-char #\# stream)
  (%write-decimal (array-rank array) stream)
  (write-char #\A stream)
  (%output-subarray array (array-dimensions array) 0 stream))

;; What is read must be similar to what was printed (CLHS *PRINT-READABLY*), which takes an array with the same type of elements
;; (CLHS 3.2.4.2.2).

(defun %array-syntax-tells-all-p (array)
  "Whether the syntax of ARRAY, no string, tells its element type and all dimensions: those after an empty one it does not."
  (and (or (eq (array-element-type array) t) (bit-vector-p array))
       (notany #'plusp (cdr (member 0 (array-dimensions array))))))

(defun %output-array-form (array stream)
  "Writes a form that makes ARRAY and is evaluated when it is read."
  (unless *read-eval*
    (%check-readable array))
  (write-string "#." stream)
  (%output-object `(make-array ',(array-dimensions array)
                               :element-type ',(array-element-type array)
                               :initial-contents ',(%array-contents array (array-dimensions array) 0))
                  stream))

(defun %array-contents (array dimensions start)
  "The part of ARRAY with DIMENSIONS whose first element has the row-major index START, as MAKE-ARRAY takes it."
  (if (null dimensions)
      (row-major-aref array start)
      (let ((step (reduce #'* (cdr dimensions)))
            (contents '()))
        (dotimes (i (car dimensions) (nreverse contents))
          (push (%array-contents array (cdr dimensions) (+ start (* i step))) contents)))))

(defun %output-subarray (array dimensions start stream)
  "Writes the part of ARRAY with DIMENSIONS whose first element has the row-major index START."
  (if (null dimensions)
      (%output-object (row-major-aref array start) stream)
      (%output-nested dimensions stream
                      (lambda (dimensions stream)
                        (let ((limit (%length-limit))
                              (step (reduce #'* (cdr dimensions))))
                          (write-char #\( stream)
                          (dotimes (i (car dimensions))
                            (when (> i 0) (write-char #\space stream))
                            (when (and limit (>= i limit))
                              (write-string "..." stream)
                              (return nil))
                            (%output-subarray array (cdr dimensions) (+ start (* i step)) stream))
                          (write-char #\) stream))))))

;;; Objects without a readable representation.

(defun %check-readable (object)
  "Signals that OBJECT can't be printed readably if that is asked for."
  (when *print-readably*
    (%error 'print-not-readable :object object)))

(defun %print-unreadable (object stream type identity body)
  "The work of PRINT-UNREADABLE-OBJECT: BODY is a function that writes the middle, or NIL."
  (let ((stream (%output-stream stream)))
    (%check-readable object)
    (write-string "#<" stream)
    (when type
      (prin1 (type-of object) stream)
      (write-char #\space stream))
    (when body (funcall body))
    (when identity
      (when (or body (not type)) (write-char #\space stream))
      (write-char #\{ stream)
      (%write-integer-in-base (%eq-hash object) 16 stream)
      (write-char #\} stream))
    (write-char #\> stream)
    nil))

(defun %output-function (function stream)
  (%check-readable function)
  (let ((name (%written-name (%get function name function))))
    (write-string "#<FUNCTION " stream)
    (if name
        (let ((*print-escape* t)) (%output-object name stream))
        (write-string "(LAMBDA)" stream))
    (write-char #\> stream)))

(defun %output-other (object stream)
  "Writes internal objects that programs don't normally see."
  (%check-readable object)
  (write-string (cond ((eq object (%unbound)) "#<unbound>")
                      ((eq object (%unsupplied)) "#<unsupplied>")
                      (t "#<internal object>"))
                stream))

;;; Instances: the one entry for structures, conditions, and what is built of them.

(defun %structure-printer (class)
  "The :PRINT-OBJECT or :PRINT-FUNCTION that CLASS has or inherits, and whether it takes the depth; or NIL."
  (dolist (c (%class-precedence-list class) (values nil nil))
    (let ((options (%class-options c)))
      (let ((print-object (getf options :print-object)) (print-function (getf options :print-function)))
        (cond (print-object (return (values print-object nil)))
              (print-function (return (values print-function t))))))))

(defun %plain-structure-p (instance)
  "True if INSTANCE is a structure that prints as #S(...)."
  (let ((class (%instance-class instance)))
    (and (%structure-class-p class)
         (null (%structure-printer class))
         (not (member (%class-name class) '(hash-table package readtable restart pathname logical-pathname)
                      :test #'eq)))))

(defun print-object (object stream)
  (if (%is instance object)
      (%print-instance object stream)
      (%output-plainly object stream))
  object)

(defun %print-instance (object stream)
  (let ((class (%instance-class object)))
    (multiple-value-bind (printer depth-p) (%structure-printer class)
      (cond ((and printer depth-p) (funcall printer object stream *%print-depth*))
            (printer (funcall printer object stream))
            ((%structure-class-p class) (%print-structure object (%class-name class) stream))
            ((%condition-p object) (%print-condition object stream))
            ((%class-p object)
             (%print-unreadable object stream t nil (lambda () (prin1 (%class-name object) stream))))
            (t (%print-unreadable object stream t t nil))))))

(defun %print-structure (object name stream)
  (case name
    (hash-table
     (%print-unreadable object stream t t
                        (lambda ()
                          (write-string ":TEST " stream)
                          (prin1 (hash-table-test object) stream)
                          (write-string " :COUNT " stream)
                          (%write-decimal (hash-table-count object) stream))))
    (package
     (%check-readable object)
     (write-string "#<PACKAGE " stream)
     (%output-quoted (or (package-name object) "(deleted)") #\" stream)
     (write-char #\> stream))
    (restart
     (if (or *print-escape* *print-readably*)
         (%print-unreadable object stream t nil (lambda () (prin1 (restart-name object) stream)))
         (%report-restart object stream)))
    (readtable (%print-unreadable object stream t t nil))
    ((pathname logical-pathname)
     (let ((namestring (namestring object)))
       (cond ((or *print-escape* *print-readably*)
              (write-string "#P" stream)
              (%output-quoted namestring #\" stream))
             (t (write-string namestring stream)))))
    (t (%output-nested object stream #'%output-structure))))

(defun %output-structure (object stream)
  (let* ((class (%instance-class object)) (limit (%length-limit)) (index 2))
    (write-string "#S(" stream)
    (%output-symbol-readably (%class-name class) stream)
    (dolist (name (%structure-slot-names class))
      (write-char #\space stream)
      (when (and limit (>= (- index 2) limit))
        (write-string "..." stream)
        (return nil))
      (write-char #\: stream)
      (%output-name (symbol-name name) stream)
      (write-char #\space stream)
      (%output-object (%array-ref instance object index) stream)
      (setq index (1+ index)))
    (write-char #\) stream)))

(defun %print-condition (condition stream)
  (cond ((not (or *print-escape* *print-readably*)) (%report-condition condition stream))
        ((typep condition 'simple-condition)
         (%print-unreadable condition stream t nil
                            (lambda () (prin1 (simple-condition-format-control condition) stream))))
        (t (%print-unreadable condition stream t t nil))))
