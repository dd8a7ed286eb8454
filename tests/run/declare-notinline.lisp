;; Local declarations of NOTINLINE and INLINE (CLHS 3.2.2.1.3, 3.3.4): what is not inline is called, and its compiler macro isn't
;; expanded.

(defun twice (x) (* 2 x))
(define-compiler-macro twice (x) `(list :expanded ,x))
(defun (setf place) (new x) (list :set new x))
(define-compiler-macro (setf place) (new x) `(list :expanded ,new ,x))

(defmacro show (form)
  `(format t "~S => ~S~%" ',form ,form))

(defun in-body (x)
  (declare (notinline twice))
  (twice x))

(show (in-body 4))
(show (twice 1))
(show (let ((x 5)) (declare (notinline twice)) (twice x)))
(show (let ((x (twice 5))) (declare (notinline twice)) (list x (twice 6))))
(show (let* ((x (twice 5))) (declare (notinline twice)) (list x (twice 6))))
(show (locally (declare (notinline twice)) (twice 1)))
(show (locally (declare (notinline twice)) (list (twice 1) (locally (declare (inline twice)) (twice 2)) (twice 3))))
(show (funcall (lambda (x) (declare (notinline twice)) (twice x)) 7))
(show (flet ((f (x) (twice x))) (declare (notinline twice)) (list (f 1) (twice 1))))
(show (labels ((f (x) (twice x))) (declare (notinline twice)) (list (f 1) (twice 1))))
(show (macrolet ((m (x) `(twice ,x))) (declare (notinline twice)) (m 3)))
(show (symbol-macrolet ((m (twice 3))) (declare (notinline twice)) m))
(show (multiple-value-bind (a b) (values 1 2) (declare (notinline twice)) (list (twice a) (twice b))))
(show (dolist (x '(1) (twice 2)) (declare (notinline twice)) (print (twice x))))
(show (do ((i 0 (1+ i))) ((= i 1) (twice i)) (declare (notinline twice))))
(show (destructuring-bind (a) '(2) (declare (notinline twice)) (twice a)))
(show (flet ((twice (x) (list :local x))) (declare (notinline twice)) (twice 3)))
(show (setf (place 1) 2))
(show (locally (declare (notinline (setf place))) (setf (place 1) 2)))

(declaim (notinline twice))
(show (twice 8))
(show (locally (declare (inline twice)) (twice 8)))
(declaim (inline twice))
(show (twice 8))

;; A macro may have a compiler macro, too.
(defmacro expanding (x) `(list :macro ,x))
(define-compiler-macro expanding (x) `(list :compiler-macro ,x))
(show (expanding 1))
(show (locally (declare (notinline expanding)) (expanding 1)))

;; A function that is defined again is called as it is then.
(defun counting (n)
  (declare (notinline counting))
  (if (zerop n) 0 (1+ (counting (1- n)))))
(let ((original #'counting))
  (show (counting 3))
  (setf (symbol-function 'counting) (lambda (n) (list :replaced n)))
  (show (handler-case (funcall original 3) (type-error () :replaced-function-was-called))))

;; Standard functions, and those that are compiled inline, are called.
(defun calls (x y z)
  (declare (notinline car + < = not eq vector-push-extend))
  (list (car x) (+ y z) (+ y z 1) (< y z 10) (= y y) (not x) (eq x x) (if (< y z) :less :more) (if (not x) :no :yes)))
(show (calls '(1 2) 3 4))
(show (handler-case (locally (declare (notinline car)) (car (identity 5))) (type-error (e) (type-error-datum e))))
(show (locally (declare (notinline floor)) (multiple-value-list (floor 7 2))))
(show (let ((d 1.5d0)) (declare (double-float d) (notinline * +)) (* d (+ d 1d0))))
