;;; expect: compile or analysis
;;; contains: page-size
;;; calls:
(defun search-few (crm:page-size) (crm:search-users "a"))
(search-few 1)
