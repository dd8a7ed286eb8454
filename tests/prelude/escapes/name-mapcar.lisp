;;; hope: a tool that is granted is reached through an export that the guard did not list
;;; expect: run
;;; contains: note
;;; calls:
(mapcar (intern "NOTE" :vault) '(1 2))
