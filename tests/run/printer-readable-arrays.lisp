;;; With *PRINT-READABLY* an array is read as one with the same type of elements and dimensions (CLHS *PRINT-READABLY*, 3.2.4.2.2).
(setq *print-pretty* nil)
(defun show (&rest values) (prin1 values) (terpri))

(defun read-back (array)
  (let ((read (with-standard-io-syntax (read-from-string (prin1-to-string array)))))
    (list (equalp read array)
          (equal (array-dimensions read) (array-dimensions array))
          (equal (array-element-type read) (array-element-type array)))))
(defun read-backs (dimensions)
  (remove '(t t t)
          (mapcar (lambda (type) (read-back (make-array dimensions :element-type type :initial-element (coerce 1 type))))
                  '(t bit (unsigned-byte 8) (unsigned-byte 16) (unsigned-byte 32) (signed-byte 8) (signed-byte 32) fixnum
                    single-float double-float))
          :test #'equal))
(show (mapcar #'read-backs '((3) (2 2) (0) nil (2 0) (0 2) (1 1 2))))
(show (read-back "abc") (read-back (make-array '(1 2) :element-type 'character :initial-element #\a))
      (read-back #*101) (read-back (vector 1 'a "b"))
      ;; A fill pointer is no part of what similar vectors share.
      (read-back (make-array 3 :fill-pointer 2 :initial-element 0)))

;; Without #. there is no such text.
(defun readable-p (array)
  (handler-case (let ((*print-readably* t) (*read-eval* nil)) (stringp (prin1-to-string array)))
    (print-not-readable (c) (eq (print-not-readable-object c) array))))
(show (handler-case (let ((*print-readably* t) (*read-eval* nil))
                      (prin1-to-string (make-array 2 :element-type 'double-float)))
        (print-not-readable () :not-readable))
      (readable-p (vector 1 2)) (readable-p "a") (readable-p #*1) (readable-p #2a((1) (2))))
;; Otherwise the element type does not show.
(show (make-array 2 :element-type '(unsigned-byte 8) :initial-element 7)
      (make-array '(1 2) :element-type 'bit :initial-element 1))
