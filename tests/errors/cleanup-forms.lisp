; Cleanup forms run when an error that nothing handles ends the program.
(defun risky ()
  (unwind-protect (error "too bad")
    (write-line "cleaned up")))
(write-line "before")
(let ((x 1))
  (unwind-protect (risky)
    (format t "and ~D more~%" x)))
(write-line "not reached")
