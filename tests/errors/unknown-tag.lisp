;;; A jump to a tag that is not there.
(defun f ()
  (tagbody
   here
     (go there)))
