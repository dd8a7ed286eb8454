;;; What compiled code knows of types: declared vectors and numbers, checks made once, jumps by tests (CLHS 3.3, 3.8).
(setq *print-pretty* nil)

(defmacro outcome (form)
  `(handler-case ,form
     (type-error () :type-error)
     (program-error () :program-error)
     (error () :error)))

;;; Vectors declared to be of a type.
(defun sum-doubles (vector)
  (declare (type (simple-array double-float (*)) vector))
  (let ((sum 0d0))
    (declare (double-float sum))
    (dotimes (i (length vector) sum)
      (incf sum (aref vector i)))))

(defun scale (vector factor)
  (declare (type (simple-array double-float (*)) vector) (double-float factor))
  (dotimes (i (length vector) vector)
    (setf (aref vector i) (* factor (aref vector i)))))

(let ((vector (make-array 4 :element-type 'double-float :initial-contents '(1d0 2d0 3.5d0 -0.5d0))))
  (print (list (sum-doubles vector) (scale vector 2d0) (sum-doubles vector))))

(defun octet (vector index)
  (declare (type (simple-array (unsigned-byte 8) (*)) vector))
  (aref vector index))

(defun set-octet (vector index value)
  (declare (type (simple-array (unsigned-byte 8) (*)) vector))
  (setf (aref vector index) value))

(let ((octets (make-array 3 :element-type '(unsigned-byte 8) :initial-element 7)))
  (print (list (octet octets 2) (set-octet octets 0 255) octets))
  (print (list (outcome (set-octet octets 0 256)) (outcome (set-octet octets 0 -1)) (outcome (set-octet octets 0 'x))
               (outcome (octet octets 3)) (outcome (octet octets -1)) (outcome (octet octets 'x))))
  (print octets))

(defun bits (vector index value)
  (declare (simple-bit-vector vector))
  (list (aref vector index) (setf (aref vector index) value) vector))

(print (list (bits (copy-seq #*0101) 1 0) (outcome (bits (copy-seq #*0101) 1 2))))

(defun letter (string index)
  (declare (simple-string string))
  (list (char string index) (aref string index)))

(print (list (letter "abc" 1) (outcome (letter "abc" 3)) (outcome (letter "abc" nil))))

(defun set-letter (string index value)
  (declare (simple-string string))
  (setf (aref string index) value)
  (setf (char string 0) value)
  string)

(print (list (set-letter (copy-seq "abc") 2 #\x) (outcome (set-letter (copy-seq "abc") 2 1))))

(defun singles (vector i)
  (declare (type (simple-array single-float (*)) vector))
  (incf (aref vector i) 0.5)
  (aref vector i))

(print (singles (make-array 2 :element-type 'single-float :initial-element 1.0) 1))

;;; Declared numbers.
(defun triangle (n)
  (declare (fixnum n))
  (* n (+ n 1)))

(print (list (triangle 10) (triangle 1000000000) (outcome (triangle 1.5)) (outcome (triangle 'x))))

(defun polynomial (x y)
  (declare (double-float x) (single-float y))
  (list (+ x 1) (* x x 0.5d0) (- y 1) (< x y) (= x 2) (>= y 2)))

(print (polynomial 2d0 1.5f0))
(print (list (outcome (polynomial 2 1.5f0)) (outcome (polynomial 2d0 1))))

;;; Around the largest fixnums.
(print (list (typep (+ most-positive-fixnum 1) 'bignum) (typep (- most-negative-fixnum 1) 'bignum)
             (floor (* most-positive-fixnum 2) most-positive-fixnum)
             (let ((x most-positive-fixnum)) (- (1+ x) x))
             (= (1- (1+ most-positive-fixnum)) most-positive-fixnum)
             (let ((x most-negative-fixnum)) (+ (- x) (1- x)))))

;;; Remainders and characters.
(defun remainders (a b)
  (list (mod a b) (rem a b) (mod (+ a 1) 7) (rem (- a) 7)))

(defun fixnum-remainders (a b)
  (declare (fixnum a b))
  (list (mod a b) (rem a b)))

(print (list (remainders 17 5) (remainders -17 5) (remainders 17 -5) (remainders -17 -5) (remainders 17.5 5)
             (remainders (expt 10 20) 7) (remainders 7 (expt 10 20)) (remainders 7/2 2)))
(print (list (fixnum-remainders 17 5) (fixnum-remainders -17 5) (fixnum-remainders 17 -5) (fixnum-remainders -17 -5)
             (fixnum-remainders most-negative-fixnum -1)))
(print (mapcar (lambda (f) (handler-case (funcall f) (division-by-zero () :zero) (type-error () :type-error)))
               (list (lambda () (mod 1 (- 1 1))) (lambda () (rem 1 0)) (lambda () (mod 'a 2)) (lambda () (rem 2 'a)))))
(defun same-character (code)
  (let ((character (code-char code)))
    (list (characterp character) (char-code character) (eql character (char (string character) 0)))))

(print (list (mapcar #'same-character '(65 233 955 128512))
             (outcome (code-char -1)) (outcome (code-char char-code-limit)) (outcome (code-char #\a))))

;;; A check that holds here need not hold after an assignment, nor the second time around.
(defun rest-twice (x)
  (if (consp x)
      (progn (setq x (cdr x))
             (if (consp x) (cdr x) (list :no x)))
      :atom))

(print (list (rest-twice '(1)) (rest-twice '(1 2)) (rest-twice '(1 2 3)) (rest-twice 1)))

(defun walk (x)
  (let ((seen '()))
    (loop
      (when (atom x) (return (list (nreverse seen) x)))
      (push (car x) seen)
      (setq x (cdr x)))))

(print (list (walk '(1 2 . 3)) (walk '()) (walk 5)))

(defun again (x)
  (let ((result '()))
    (tagbody
       (unless (consp x) (go end))
     next
       (push (car x) result)
       (setq x (if (eq (car x) 2) "ab" (cdr x)))
       (when x (go next))
     end)
    result))

(print (list (again '(1 3)) (outcome (again '(1 2 3))) (again 1)))

(defun endp-list (x)
  (let ((n 0))
    (do ((l x (cdr l)))
        ((endp l) n)
      (incf n))))

(print (list (endp-list '(1 2 3)) (outcome (endp-list '(1 2 . 3))) (outcome (endp-list 5))))

;;; Tests as values and as jumps.
(defun tests (a b)
  (list (if (and (numberp a) (not (> a b)) (or (= a 1) (= b 2))) :yes :no)
        (not (and (eql a b) (not (eql b 2))))
        (if (or (not (eql a b)) (char= #\a #\a #\a)) 1 2)
        (let ((x (or (and (< a b) (eql a 1)) (eql b 1.5)))) x)
        (unless (if (< a b) (eql a 0) (eql b 0)) :unless)
        (/= a b)
        (cond ((and (plusp a) (minusp b)) 1) ((or (zerop a) (zerop b)) 2) (t 3))))

(print (list (tests 1 2) (tests 2 2) (tests 1/2 1.5) (tests 0 -1) (tests (expt 10 20) (expt 10 20)) (tests 3d0 -1f0)))

(defun steps (x)
  (let ((seen '()))
    (list (if (progn (push :a seen) (consp x)) :yes :no)
          (if (let ((y (list x))) (push :b seen) (null (car y))) :yes :no)
          (cond ((let ((y x)) (setq y (list y)) (push :c seen) (eq (car y) x)) seen)))))

(print (list (steps nil) (steps '(1))))

(defun chain (x)
  (cond ((and (consp x) (consp (cdr x)) (symbolp (car x))) (list :call (car x) (cadr x)))
        ((and (characterp x) (char= x #\q)) :q)
        ((and (simple-vector-p x) (plusp (length x))) (svref x 0))
        ((not (consp x)) :atom)
        (t (cdr x))))

(print (mapcar #'chain '((a b) (1 . 2) #\q #\r #(5) #() nil)))
(terpri)
