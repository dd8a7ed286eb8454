;;; expect: analysis
;;; contains: rename-user
;;; contains: 2 to 3
;;; calls:
(crm:rename-user 1 "a" "b" "c")
