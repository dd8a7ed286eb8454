;;; Details of the standard across its chapters that no other program here looks at.
(setq *print-pretty* nil)
(defun show (&rest values) (prin1 values) (terpri))
(defmacro outcome (form)
  `(handler-case ,form
     (program-error () :program-error)
     (type-error (c) (list :type-error (typep (type-error-datum c) (type-error-expected-type c))))
     (undefined-function (c) (list :undefined (cell-error-name c)))))

;; Keywords are constants (CLHS 11.1.2.3).
(show (list :type :never-seen-before) (boundp :type) (symbol-value :type) (constantp :start)
      (let ((unbound '())) (do-symbols (s "KEYWORD" unbound) (unless (and (boundp s) (eq (symbol-value s) s)) (push s unbound)))))
;; Limits (CLHS 3.4, 5.3).
(show (>= call-arguments-limit lambda-parameters-limit 50) (>= multiple-values-limit 20)
      (set-difference '(&allow-other-keys &aux &body &environment &key &optional &rest &whole) lambda-list-keywords))
(show (equal (multiple-value-list (values-list (make-list 60 :initial-element 'a))) (make-list 60 :initial-element 'a))
      (length (multiple-value-list (values 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35
                                           36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63))))
;; Errors name what was wrong: the datum is not of the expected type (CLHS TYPE-ERROR).
(show (outcome (funcall 'make-hash-table :test)) (outcome (funcall 'make-hash-table :no-such-key 1))
      (outcome (apply #'append '((a . b) (c)))) (outcome (values-list '(a . b))) (outcome (funcall 'length '(a b . c)))
      (outcome (make-broadcast-stream (make-string-input-stream ""))) (outcome (funcall 'quote 1)) (outcome (apply 'progn '(1))))
;; Circular and shared arguments (CLHS NCONC, SUBLIS).
(let* ((x (list 1 2)) (circle (nconc x x)))
  (show (eq circle x) (eq (cddr x) x)))
(show (sublis '((1 . x) (5 . y) (10 . z)) '(0 3 8 20) :test (lambda (a b) (and (realp a) (realp b) (< a b)))))
;; The subforms of places come first (CLHS MULTIPLE-VALUE-SETQ).
(show (let ((x (list nil)) (i 0)) (symbol-macrolet ((y (car (progn (incf i) x)))) (multiple-value-setq (y) i)) x)
      (let (a b) (list (multiple-value-setq (a b) (floor 7 2)) a b)))
;; TYPE-OF answers recognisable subtypes (CLHS TYPE-OF).
(show (loop for x in (list 0 1 5 -5 (expt 2 80) (- (expt 2 80)) 1.5 "a" #(1) nil t :k 'a)
            always (loop for type in '(unsigned-byte bit fixnum integer signed-byte float string vector symbol boolean keyword null list)
                         always (or (not (typep x type)) (subtypep (type-of x) type)))))
;; Objects in EQL types have their identity (CLHS EQL).
(let ((a (list 1)) (b (list 1)))
  (show (multiple-value-list (subtypep `(eql ,a) `(eql ,b))) (multiple-value-list (subtypep `(eql ,a) `(eql ,a)))))
(show (with-output-to-string (s (make-array 3 :fill-pointer 0 :element-type 'character))))
(show (outcome (warn (make-condition 'simple-warning) :beside 1)) (type-of 'a))
