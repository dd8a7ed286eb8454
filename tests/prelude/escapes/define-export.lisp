;;; hope: an export can be defined anew, and the prelude calls that
;;; expect: analysis
;;; contains: note
;;; calls:
(defun vault:note (id) (list id))
(vault:each-note #'identity)
