;;; expect: value
;;; contains: (:MINE 1)
;;; calls:
;; A symbol of the program's own package has nothing to do with the export.
(defun get-user (id) (list :mine id))
(get-user 1)
