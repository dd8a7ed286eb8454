;;;; Conses and lists: construction, access, copying, tails (CLHS 14). Searching is in list-search.lisp, trees in trees.lisp;
;;;; APPEND, NCONC and the mapping functions are in base.lisp.

(in-package :clysm)

;;; Conses (CLHS 14.2.1-14.2.3, 14.2.12).

(defun rplaca (cons object)
  (unless (%is cons cons)
    (%type-error cons 'cons))
  (%set cons car cons object)
  cons)

(defun rplacd (cons object)
  (unless (%is cons cons)
    (%type-error cons 'cons))
  (%set cons cdr cons object)
  cons)

(defun (setf car) (new cons)
  (rplaca cons new)
  new)

(defun (setf cdr) (new cons)
  (rplacd cons new)
  new)

(defmacro %define-accessor (name &rest path)
  "Defines NAME to apply the operators of PATH, CAR and CDR, one after the other, and (SETF NAME) to set the last place."
  (let ((place 'list) (last nil))
    (dolist (operator path)
      (when last
        (setq place (list last place)))
      (setq last operator))
    `(progn
       (defun ,name (list) (,last ,place))
       (defun (setf ,name) (new list)
         (,(if (eq last 'car) 'rplaca 'rplacd) ,place new)
         new))))

(%define-accessor caar car car)
(%define-accessor cadr cdr car)
(%define-accessor cdar car cdr)
(%define-accessor cddr cdr cdr)
(%define-accessor caaar car car car)
(%define-accessor caadr cdr car car)
(%define-accessor cadar car cdr car)
(%define-accessor caddr cdr cdr car)
(%define-accessor cdaar car car cdr)
(%define-accessor cdadr cdr car cdr)
(%define-accessor cddar car cdr cdr)
(%define-accessor cdddr cdr cdr cdr)
(%define-accessor caaaar car car car car)
(%define-accessor caaadr cdr car car car)
(%define-accessor caadar car cdr car car)
(%define-accessor caaddr cdr cdr car car)
(%define-accessor cadaar car car cdr car)
(%define-accessor cadadr cdr car cdr car)
(%define-accessor caddar car cdr cdr car)
(%define-accessor cadddr cdr cdr cdr car)
(%define-accessor cdaaar car car car cdr)
(%define-accessor cdaadr cdr car car cdr)
(%define-accessor cdadar car cdr car cdr)
(%define-accessor cdaddr cdr cdr car cdr)
(%define-accessor cddaar car car cdr cdr)
(%define-accessor cddadr cdr car cdr cdr)
(%define-accessor cdddar car cdr cdr cdr)
(%define-accessor cddddr cdr cdr cdr cdr)

;;; Elements by position (CLHS 14.2.20-14.2.23).

(%define-accessor first car)
(%define-accessor second cdr car)
(%define-accessor third cdr cdr car)
(%define-accessor fourth cdr cdr cdr car)
(%define-accessor fifth cdr cdr cdr cdr car)
(%define-accessor sixth cdr cdr cdr cdr cdr car)
(%define-accessor seventh cdr cdr cdr cdr cdr cdr car)
(%define-accessor eighth cdr cdr cdr cdr cdr cdr cdr car)
(%define-accessor ninth cdr cdr cdr cdr cdr cdr cdr cdr car)
(%define-accessor tenth cdr cdr cdr cdr cdr cdr cdr cdr cdr car)
(%define-accessor rest cdr)

(defmacro %do-tails ((tail list &optional result) &body body)
  "Runs BODY with TAIL bound to each cons of the spine of LIST; TYPE-ERROR when that ends in an atom that is not NIL."
  `(do ((,tail ,list (%get cons cdr ,tail)))
       ((not (%is cons ,tail))
        (unless (null ,tail)
          (%improper-list ,tail))
        ,result)
     ,@body))

(defun %check-index (n)
  "Signals unless N is a non-negative integer."
  (unless (and (integerp n) (>= n 0))
    (%type-error n 'unsigned-byte)))

(defun %circle (list)
  "The number of conses before the circle that LIST runs into, and the length of the circle; NIL when there is none."
  (let ((slow list) (power 1) (length 1) (fast (cdr list)))
    (do () ((eq fast slow))
      (when (atom fast)
        (return-from %circle nil))
      (when (eq power length)
        (setq slow fast
              power (* power 2)
              length 0))
      (setq fast (cdr fast)
            length (+ length 1)))
    (let ((start list) (ahead list) (before 0))
      (dotimes (i length)
        (setq ahead (cdr ahead)))
      (do () ((eq start ahead) (values before length))
        (setq start (cdr start)
              ahead (cdr ahead)
              before (+ before 1))))))

(defun %nthcdr-far (n list)
  "NTHCDR for an N that only a circular list is long enough for."
  (if (atom list)
      (cdr list)
      (multiple-value-bind (before length) (%circle list)
        (cond (before (nthcdr (+ before (mod (- n before) length)) list))
              (t (%do-tails (tail list nil)))))))

(defun nthcdr (n list)
  (unless (and (%fixnump n) (>= n 0))
    (%check-index n)
    (return-from nthcdr (%nthcdr-far n list)))
  (let ((i (%i32 n)) (tail list))
    (do ()
        ((or (%i32.eqz i) (not (%is cons tail)))
         (if (or (%i32.eqz i) (null tail))
             tail
             (%type-error tail 'list)))
      (setq tail (%get cons cdr tail)
            i (%i32.sub i 1)))))

(defun nth (n list)
  (car (nthcdr n list)))

(defun (setf nth) (new n list)
  (rplaca (nthcdr n list) new)
  new)

;;; Construction (CLHS 14.2.10, 14.2.13, 14.2.18).

(defun list (&rest objects)
  objects)

(defun list* (object &rest objects)
  (if (null objects)
      object
      (let* ((head (cons object nil)) (end head))
        (do ((tail objects (cdr tail)))
            ((null (cdr tail))
             (rplacd end (car tail))
             head)
          (let ((cell (cons (car tail) nil)))
            (rplacd end cell)
            (setq end cell))))))

(defun make-list (size &key initial-element)
  (unless (and (%fixnump size) (>= size 0))
    (%type-error size `(integer 0 ,most-positive-fixnum)))
  (let ((result nil))
    (do ((i (%i32 size) (%i32.sub i 1)))
        ((%i32.eqz i) result)
      (setq result (cons initial-element result)))))

(defun copy-list (list)
  (unless (listp list)
    (%type-error list 'list))
  (%copy-list list))

(defun copy-alist (alist)
  (let* ((head (cons nil nil)) (end head))
    (%do-tails (tail alist (cdr head))
      (let* ((pair (%get cons car tail))
             (cell (cons (if (consp pair) (cons (car pair) (cdr pair)) pair) nil)))
        (rplacd end cell)
        (setq end cell)))))

(defun revappend (list tail)
  (let ((result tail))
    (%do-tails (rest list result)
      (setq result (cons (%get cons car rest) result)))))

(defun nreconc (list tail)
  (let ((result tail) (rest list))
    (do ()
        ((not (%is cons rest))
         (unless (null rest)
           (%improper-list rest))
         result)
      (let ((next (%get cons cdr rest)))
        (%set cons cdr rest result)
        (setq result rest
              rest next)))))

;;; Lengths and tails (CLHS 14.2.17, 14.2.25-14.2.29).

(defun list-length (list)
  (let ((n 0) (slow list))
    (do ((fast list (cddr fast)))
        ((endp fast) n)
      (when (endp (cdr fast))
        (return (+ n 1)))
      (when (and (eq fast slow) (> n 0))
        (return nil))
      (setq n (+ n 2)
            slow (cdr slow)))))

(defun %spine-length (list)
  "The number of conses of LIST, which may be dotted."
  (unless (listp list)
    (%type-error list 'list))
  (let ((n (%i32 0)))
    (do ((tail list (%get cons cdr tail)))
        ((not (%is cons tail)) (%fixnum n))
      (setq n (%i32.add n 1)))))

(defun last (list &optional (n 1))
  (%check-index n)
  (if (eql n 1)
      (cond ((consp list) (%last-cons list))
            ((null list) nil)
            (t (%type-error list 'list)))
      (let ((length (%spine-length list)))
        (if (>= n length)
            list
            (nthcdr (- length n) list)))))

(defun %copy-front (list count)
  "A fresh list of the first COUNT elements of LIST."
  (let* ((head (cons nil nil)) (end head) (tail list))
    (do ((i (%i32 count) (%i32.sub i 1)))
        ((%i32.eqz i) (cdr head))
      (let ((cell (cons (car tail) nil)))
        (rplacd end cell)
        (setq end cell
              tail (cdr tail))))))

(defun butlast (list &optional (n 1))
  (%check-index n)
  (let ((length (%spine-length list)))
    (if (>= n length)
        nil
        (%copy-front list (- length n)))))

(defun nbutlast (list &optional (n 1))
  (%check-index n)
  (let ((length (%spine-length list)))
    (cond ((>= n length) nil)
          (t (rplacd (nthcdr (- length n 1) list) nil)
             list))))

(defun ldiff (list object)
  (unless (listp list)
    (%type-error list 'list))
  (let* ((head (cons nil nil)) (end head))
    (do ((tail list (cdr tail)))
        ((atom tail)
         (unless (eql tail object)
           (rplacd end tail))
         (cdr head))
      (when (eq tail object)
        (return (cdr head)))
      (let ((cell (cons (car tail) nil)))
        (rplacd end cell)
        (setq end cell)))))

(defun tailp (object list)
  (unless (listp list)
    (%type-error list 'list))
  (do ((tail list (cdr tail)))
      ((atom tail) (eql tail object))
    (when (eq tail object)
      (return t))))

;;; Association and property lists (CLHS 14.2.30-14.2.45). What REMF and (SETF GETF) call is in setf.lisp.

(defun acons (key datum alist)
  (cons (cons key datum) alist))

(defun pairlis (keys data &optional alist)
  (let ((result alist) (values data))
    (%do-tails (tail keys)
      (when (endp values)
        (%error "PAIRLIS was given more keys than data: ~S and ~S" keys data))
      (setq result (acons (%get cons car tail) (car values) result)
            values (cdr values)))
    (unless (endp values)
      (%error "PAIRLIS was given more data than keys: ~S and ~S" keys data))
    result))

(defun %property-value-cell (tail)
  "The cons that holds the value of the property whose indicator is the car of TAIL."
  (let ((cell (%get cons cdr tail)))
    (if (consp cell)
        cell
        (%type-error cell 'cons))))

(defmacro %do-properties ((tail cell plist &optional result) &body body)
  "Runs BODY for each property of PLIST with TAIL bound to the cons of the indicator and CELL to that of the value."
  `(do ((,tail ,plist (%get cons cdr (%property-value-cell ,tail))))
       ((not (%is cons ,tail))
        (unless (null ,tail)
          (%improper-list ,tail))
        ,result)
     (let ((,cell (%property-value-cell ,tail)))
       ,@body)))

(defun getf (plist indicator &optional default)
  (%do-properties (tail cell plist default)
    (when (eq (%get cons car tail) indicator)
      (return (%get cons car cell)))))

(defun get-properties (plist indicator-list)
  (%do-properties (tail cell plist (values nil nil nil))
    (when (%memq (%get cons car tail) indicator-list)
      (return (values (%get cons car tail) (%get cons car cell) tail)))))
