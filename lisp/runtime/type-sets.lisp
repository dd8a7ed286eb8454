;;;; Sets of objects, the ground of SUBTYPEP.
;;;;
;;;; All objects fall into a few disjoint kinds. A set is a simple vector with, for each kind, a list of items: the set is their
;;;; union. A kind knows how two items intersect, what is left of the kind without an item, and whether an item is empty; from that
;;;; follow union, intersection, complement and emptiness of sets. The symbol T stands for the set of everything.
;;;;
;;;;  kind            items
;;;;  0 integer       (low open high open): an interval of the rational line, NIL for no bound
;;;;  1 ratio         likewise
;;;;  2 single-float  likewise
;;;;  3 double-float  likewise
;;;;  4 character     likewise, of codes
;;;;  5 complex       an integer of bits: 1 rational parts, 2 single-float parts, 4 double-float parts
;;;;  6 symbol        (keywords only . out symbols...): (K :in . symbols) or (K :out . symbols), K true for keywords
;;;;  7 cons          (car set . cdr set)
;;;;  8 array         (mask pattern . patterns): arrays whose kind is in the bit mask and whose dimensions fit the pattern and
;;;;                  none of the other patterns; a pattern is * or a list of lengths and *. The bit of a kind has the number
;;;;                  2 * index of element type, + 1 when not simple
;;;;  9 other         (classes . classes): instances of all the first and none of the second

(in-package :clysm)

(defconstant %kind-count 10)

;;; Intervals.

(defun %later-bound (a a-open b b-open)
  "The greater of two lower bounds and whether it is open."
  (cond ((null a) (values b b-open))
        ((null b) (values a a-open))
        ((< a b) (values b b-open))
        ((< b a) (values a a-open))
        (t (values a (or a-open b-open)))))

(defun %earlier-bound (a a-open b b-open)
  "The lesser of two upper bounds and whether it is open."
  (cond ((null a) (values b b-open))
        ((null b) (values a a-open))
        ((< a b) (values a a-open))
        ((< b a) (values b b-open))
        (t (values a (or a-open b-open)))))

(defun %intersect-intervals (a b)
  (destructuring-bind (low low-open high high-open) a
    (destructuring-bind (low-2 low-open-2 high-2 high-open-2) b
      (multiple-value-bind (low low-open) (%later-bound low low-open low-2 low-open-2)
        (multiple-value-bind (high high-open) (%earlier-bound high high-open high-2 high-open-2)
          (list low low-open high high-open))))))

(defun %complement-interval (interval)
  (destructuring-bind (low low-open high high-open) interval
    (append (if low (list (list nil nil low (not low-open))) nil)
            (if high (list (list high (not high-open) nil nil)) nil))))

(defun %empty-interval-p (interval)
  (destructuring-bind (low low-open high high-open) interval
    (and low high
         (or (< high low)
             (and (= low high) (or low-open high-open))))))

(defun %empty-integer-interval-p (interval)
  (destructuring-bind (low low-open high high-open) interval
    (and low high
         (< (let ((last (floor high)))
              (if (and high-open (= last high)) (1- last) last))
            (let ((first (ceiling low)))
              (if (and low-open (= first low)) (1+ first) first))))))

(defun %empty-ratio-interval-p (interval)
  (or (%empty-interval-p interval)
      (let ((low (car interval)) (high (car (%nthcdr 2 interval))))
        (and low high (= low high) (integerp low)))))

;;; Bits.

(defun %intersect-bits (a b) (logand a b))
(defun %complement-bits (a) (list (logxor 7 a)))
(defun %empty-bits-p (a) (eql a 0))

;;; Symbols.

(defun %intersect-symbols (a b)
  (if (not (eq (car a) (car b)))
      (list (car a) :in)
      (let* ((a-in (eq (car (cdr a)) :in))
             (b-in (eq (car (cdr b)) :in))
             (as (cdr (cdr a)))
             (bs (cdr (cdr b))))
        (flet ((members (list other wanted)
                 (let ((result nil))
                   (dolist (symbol list (list* (car a) :in result))
                     (when (eq wanted (if (%memq symbol other) t nil))
                       (push symbol result))))))
          (cond ((and a-in b-in) (members as bs t))
                (a-in (members as bs nil))
                (b-in (members bs as nil))
                (t (list* (car a) :out (append as bs))))))))

(defun %complement-symbols (item)
  (list (list (not (car item)) :out)
        (list* (car item) (if (eq (car (cdr item)) :in) :out :in) (cdr (cdr item)))))

(defun %empty-symbols-p (item)
  (and (eq (car (cdr item)) :in) (null (cdr (cdr item)))))

;;; Conses.

(defun %intersect-products (a b)
  (cons (%intersect-sets (car a) (car b))
        (%intersect-sets (cdr a) (cdr b))))

(defun %complement-product (product)
  (list (cons (%complement-set (car product)) t)
        (cons (car product) (%complement-set (cdr product)))))

(defun %empty-product-p (product)
  (or (%empty-set-p (car product)) (%empty-set-p (cdr product))))

;;; Arrays.

(defconstant %all-arrays #x3FFFF)

(defun %intersect-patterns (a b)
  "The pattern of the dimensions that fit both A and B; NIL in the second value when there are none."
  (cond ((eq a '*) (values b t))
        ((eq b '*) (values a t))
        ((not (eql (length a) (length b))) (values nil nil))
        (t (let ((result nil))
             (do ((as a (cdr as)) (bs b (cdr bs)))
                 ((null as) (values (%nreverse-list result) t))
               (cond ((eq (car as) '*) (push (car bs) result))
                     ((or (eq (car bs) '*) (eql (car as) (car bs))) (push (car as) result))
                     (t (return (values nil nil)))))))))

(defun %pattern-within-p (a b)
  "True when all dimensions that fit the pattern A fit B."
  (cond ((eq b '*) t)
        ((eq a '*) nil)
        ((not (eql (length a) (length b))) nil)
        (t (do ((as a (cdr as)) (bs b (cdr bs)))
               ((null as) t)
             (unless (or (eq (car bs) '*) (eql (car as) (car bs)))
               (return nil))))))

(defun %intersect-arrays (a b)
  (multiple-value-bind (pattern possible) (%intersect-patterns (car (cdr a)) (car (cdr b)))
    (list* (if possible (logand (car a) (car b)) 0)
           pattern
           (append (cdr (cdr a)) (cdr (cdr b))))))

(defun %complement-arrays (item)
  (destructuring-bind (mask pattern . without) item
    (list* (list (logxor %all-arrays mask) '*)
           (list mask '* pattern)
           (mapcar (lambda (pattern) (list mask pattern)) without))))

(defun %empty-arrays-p (item)
  (destructuring-bind (mask pattern . without) item
    (or (eql mask 0)
        (dolist (other without nil)
          (when (%pattern-within-p pattern other)
            (return t))))))

;;; Instances and functions, by class.

(defun %intersect-classes (a b)
  (cons (append (car a) (car b))
        (append (cdr a) (cdr b))))

(defun %complement-classes (item)
  (append (mapcar (lambda (class) (list nil class)) (car item))
          (mapcar (lambda (class) (list (list class))) (cdr item))))

(defun %common-subclass-p (a b)
  "True when an object could be an instance of both classes A and B."
  (or (%subclassp a b)
      (%subclassp b a)
      (dolist (subclass (%class-direct-subclasses a) nil)
        (when (%common-subclass-p subclass b)
          (return t)))
      (not (or (%single-inheritance-p a) (%single-inheritance-p b)))))

(defun %single-inheritance-p (class)
  "True when no later class can inherit from both CLASS and one that is unrelated to it."
  (or (%structure-class-p class)
      (eq (%instance-class class) (%class-constant built-in-class))
      (eq (%instance-class class) (%class-constant structure-class))))

(defun %empty-classes-p (item)
  (dolist (class (car item) nil)
    (when (or (dolist (other (cdr item) nil)
                (when (%subclassp class other) (return t)))
              (dolist (other (car item) nil)
                (unless (%common-subclass-p class other) (return t))))
      (return t))))

;;; The table of kinds: everything of the kind, and the three operations.

(defglobal *%kinds*
  (let ((line '((nil nil nil nil))))
    (vector (list line #'%intersect-intervals #'%complement-interval #'%empty-integer-interval-p)
            (list line #'%intersect-intervals #'%complement-interval #'%empty-ratio-interval-p)
            (list line #'%intersect-intervals #'%complement-interval #'%empty-interval-p)
            (list line #'%intersect-intervals #'%complement-interval #'%empty-interval-p)
            (list '((0 nil #x10FFFF nil)) #'%intersect-intervals #'%complement-interval #'%empty-integer-interval-p)
            (list '(7) #'%intersect-bits #'%complement-bits #'%empty-bits-p)
            (list '((nil :out) (t :out)) #'%intersect-symbols #'%complement-symbols #'%empty-symbols-p)
            (list '((t . t)) #'%intersect-products #'%complement-product #'%empty-product-p)
            (list (list (list %all-arrays '*)) #'%intersect-arrays #'%complement-arrays #'%empty-arrays-p)
            (list '((nil)) #'%intersect-classes #'%complement-classes #'%empty-classes-p))))

;;; Sets.

(defun %kind-set (kind items)
  "The set of ITEMS of one KIND."
  (let ((set (%array-new simple-vector %kind-count nil)))
    (%array-set simple-vector set kind items)
    set))

(defun %map-kinds (function)
  "The set with the items that FUNCTION gives for each kind and its table entry."
  (let ((result (%array-new simple-vector %kind-count nil)))
    (dotimes (kind %kind-count result)
      (%array-set simple-vector result kind (funcall function kind (svref *%kinds* kind))))))

(defun %unite-sets (a b)
  (if (or (eq a t) (eq b t))
      t
      (%map-kinds (lambda (kind entry)
                    (declare (ignore entry))
                    (append (svref a kind) (svref b kind))))))

(defun %intersect-items (as bs entry)
  "The non-empty intersections of the items AS with the items BS of the kind ENTRY."
  (let ((result nil) (intersect (car (cdr entry))) (empty (car (%nthcdr 3 entry))))
    (dolist (a as (%nreverse-list result))
      (dolist (b bs)
        (let ((item (funcall intersect a b)))
          (unless (funcall empty item)
            (push item result)))))))

(defun %intersect-sets (a b)
  (cond ((eq a t) b)
        ((eq b t) a)
        (t (%map-kinds (lambda (kind entry)
                         (%intersect-items (svref a kind) (svref b kind) entry))))))

(defun %complement-set (set)
  (if (eq set t)
      (%kind-set 0 nil)
      (%map-kinds (lambda (kind entry)
                    (let ((rest (car entry)) (complement (car (%nthcdr 2 entry))))
                      (dolist (item (svref set kind) rest)
                        (setq rest (%intersect-items rest (funcall complement item) entry))))))))

(defun %empty-set-p (set)
  (and (not (eq set t))
       (dotimes (kind %kind-count t)
         (let ((empty (car (%nthcdr 3 (svref *%kinds* kind)))))
           (dolist (item (svref set kind))
             (unless (funcall empty item)
               (return-from %empty-set-p nil)))))))

(defun %subset-p (a b)
  (%empty-set-p (%intersect-sets a (%complement-set b))))
