;;; Functions that would be defined after the error are not undefined for that; one that is nowhere is.
(defun f ()
  (helper)
  (misspelt-helper))

(error "it ends here")

(defun helper () 1)
