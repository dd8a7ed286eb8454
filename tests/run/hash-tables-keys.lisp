;;;; Hash tables: which keys are the same under each test (CLHS 18.1.2, 5.3 EQUAL, EQUALP).
(setq *print-pretty* nil)

(defmacro show (&rest forms)
  "Prints the values of each of FORMS on a line, or the kind of error that it signals."
  `(progn
     ,@(mapcar (lambda (form)
                 `(format t "~{~S~^ ~}~%"
                          (handler-case (multiple-value-list ,form)
                            (type-error () (list :type-error))
                            (package-error () (list :package-error))
                            (program-error () (list :program-error))
                            (unbound-variable () (list :unbound-variable))
                            (undefined-function () (list :undefined-function))
                            (error () (list :error)))))
               forms)))

(defstruct point x y)
(defvar *point* (make-point :x 1 :y "a"))
(defvar *list* (list 1 2))

(defun keys ()
  "Keys of many kinds, fresh where that can be."
  (list 1 1.0 1.0d0 -1 0 0.0 -0.0 2/3 (/ 4 6) (expt 2 70) (- (expt 2 70)) #c(1 2) #c(1.0 2.0) #\a #\A 'a :a nil t
        (copy-seq "abc") (copy-seq "ABC") (copy-seq "") (make-array 4 :element-type 'character :initial-contents "abcd" :fill-pointer 3)
        (list 1 2) (list 1.0 2) (list "a" (list #\b)) (list "A" (list #\B)) (cons 1 2) *list* *point* (make-point :x 1 :y "a") (make-point :x 1.0 :y "A")
        (vector 1 2) (vector 1.0 2.0) (vector #\a #\b #\c) (copy-seq #*101) (vector 1 0 1) (make-array '(2 2) :initial-element 0) #'car 123456789012345678901234567890))

(dolist (test '(eql equal equalp))
  (let ((table (make-hash-table :test test)))
    (loop for key in (keys) for i from 0 do (setf (gethash key table) i))
    (format t "~S ~S~%" test (hash-table-count table))
    (format t "~S~%" (mapcar (lambda (key) (gethash key table)) (keys)))
    (format t "~S~%" (mapcar (lambda (key) (if (remhash key table) 1 0)) (keys)))
    (format t "~S~%" (hash-table-count table))))

;; By identity.
(let ((table (make-hash-table :test 'eq)) (objects (loop for i below 500 collect (list i))) (strings (loop for i below 50 collect (make-string 3)))
      (symbols (loop for i below 500 collect (make-symbol "SAME"))) (points (loop for i below 500 collect (make-point))))
  (loop for o in objects for i from 0 do (setf (gethash o table) i))
  (loop for o in strings for i from 0 do (setf (gethash o table) i))
  (loop for o in symbols for i from 0 do (setf (gethash o table) i))
  (loop for o in points for i from 0 do (setf (gethash o table) i))
  (setf (gethash #'car table) :car (gethash 'x table) :x (gethash 17 table) :seventeen (gethash table table) :self)
  (show (hash-table-count table) (loop for o in objects for i from 0 always (eql (gethash o table) i)) (loop for o in strings for i from 0 always (eql (gethash o table) i))
        (loop for o in symbols for i from 0 always (eql (gethash o table) i)) (loop for o in points for i from 0 always (eql (gethash o table) i))
        (gethash (list 1) table) (gethash (make-point) table) (gethash #'car table) (gethash 'x table) (gethash 17 table) (gethash table table)))

;; Many keys of one kind.
(macrolet ((filled (test key)
             `(let ((table (make-hash-table :test ,test)))
                (dotimes (i 5000) (setf (gethash ,key table) i))
                (show (list (hash-table-count table) (loop for i below 5000 always (eql (gethash ,key table) i)))))))
  (filled 'eql (* i 4096))
  (filled 'eql (- i 2500))
  (filled 'eql (* i 1.5d0))
  (filled 'eql (+ (expt 10 15) i))
  (filled 'eql (/ i 7919))
  (filled 'equal (format nil "key ~D" i))
  (filled 'equal (list i (* 2 i)))
  (filled 'equal (cons "k" i))
  (filled 'equalp (format nil "Key ~D" i))
  (filled 'equalp (vector i 'x))
  (filled 'equalp (float i)))
