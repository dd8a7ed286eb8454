;;; expect: compile or analysis
;;; contains: page-size
;;; calls:
(let ((crm:page-size 100))
  (crm:search-users "a"))
