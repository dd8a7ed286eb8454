;;;; Result types: what sequence a type specifier given to MAKE-SEQUENCE, CONCATENATE, MAP, MERGE or COERCE asks for
;;;; (CLHS 17.1).
;;;;
;;;; A representation is the symbol LIST, or an empty data vector of the kind wanted.

(in-package :clysm)

(defun %list-type-allows-p (type length)
  "True if a list of LENGTH elements (NIL: some list) can be of TYPE: LIST, NULL, CONS or (CONS car cdr)."
  (cond ((or (null length) (member type '(list t * sequence) :test #'eq)) t)
        ((eq type 'null) (eql length 0))
        ((eq type 'cons) (< 0 length))
        ((and (consp type) (eq (car type) 'cons))
         (and (< 0 length)
              (or (null (cddr type))
                  (%list-type-allows-p (caddr type) (1- length)))))
        (t nil)))

(defun %dimensions-allow-p (dimensions length)
  "True if a vector of LENGTH elements (NIL: some vector) can have DIMENSIONS, as an array type specifier gives them."
  (cond ((eq dimensions '*) t)
        ((consp dimensions)
         (and (null (cdr dimensions))
              (or (eq (car dimensions) '*) (null length) (eql (car dimensions) length))))
        (t (eql dimensions 1))))

(defun %vector-representation (element-type dimensions length)
  (and (%dimensions-allow-p dimensions length)
       (%element-type-data (if (eq element-type '*) t element-type))))

(defun %same-representation-p (a b)
  (or (eq a b)
      (not (or (eq a 'list) (eq b 'list) (not (%data-kind-equal a b))))))

(defun %either-representation (types length)
  "The representation of those of TYPES that allow LENGTH. NIL if they differ, or one of TYPES is no sequence type."
  (let ((result nil))
    (dolist (type types result)
      (unless (%sequence-representation type nil)
        (return nil))
      (let ((representation (%sequence-representation type length)))
        (cond ((null representation))
              ((null result) (setq result representation))
              ((not (%same-representation-p result representation)) (return nil)))))))

(defun %common-representation (types length)
  "The representation of the first sequence type among TYPES. NIL if one of the sequence types does not allow LENGTH."
  (let ((result nil))
    (dolist (type types result)
      (when (%sequence-representation type nil)
        (let ((representation (%sequence-representation type length)))
          (cond ((null representation) (return nil))
                ((null result) (setq result representation))))))))

(defun %named-representation (type name arguments length)
  "The representation for TYPE, which consists of the symbol NAME and ARGUMENTS."
  (flet ((argument (arguments)
           (if (consp arguments) (car arguments) '*)))
    (case name
      ((list null cons) (and (%list-type-allows-p type length) 'list))
      ((array simple-array)
       (%vector-representation (argument arguments) (argument (cdr arguments)) length))
      (vector
       (%vector-representation (argument arguments) (list (argument (cdr arguments))) length))
      (simple-vector (%vector-representation t (list (argument arguments)) length))
      ((string simple-string base-string simple-base-string)
       (%vector-representation 'character (list (argument arguments)) length))
      ((bit-vector simple-bit-vector)
       (%vector-representation 'bit (list (argument arguments)) length))
      (or (%either-representation arguments length))
      (and (%common-representation arguments length))
      (t (multiple-value-bind (expansion expanded) (%expand-type type)
           (and expanded (%sequence-representation expansion length)))))))

(defun %sequence-representation (type length)
  "The representation of sequences of TYPE and LENGTH (NIL: some length), or NIL if there are none."
  (cond ((eq type 'string) (%array-new string 0 0))
        ((null type) nil)
        ((symbolp type) (%named-representation type type nil length))
        ((consp type) (%named-representation type (car type) (cdr type) length))
        ((%class-p type) (%sequence-representation (class-name type) length))
        (t nil)))

(defun %result-representation (type length)
  "The representation of sequences of TYPE and LENGTH. TYPE-ERROR if there are none."
  (or (%sequence-representation type length)
      (if (%sequence-representation type nil)
          (%error 'type-error :datum (make-list length) :expected-type type)
          (%type-error type '(member list vector string bit-vector)))))
