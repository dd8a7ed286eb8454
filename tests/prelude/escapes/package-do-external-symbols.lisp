;;; hope: whatever is external can be called by whoever finds it
;;; expect: value
;;; contains: ("*JANITOR*" "*SAMPLE*" "+VERSION+")
;;; calls:
;; Constants have a value only: to get it is to call nothing.
(let ((reached '()))
  (do-external-symbols (symbol :vault)
    (handler-case (progn (funcall symbol) (push (symbol-name symbol) reached))
      (error () nil)))
  (sort (remove-duplicates reached :test #'equal) #'string<))
