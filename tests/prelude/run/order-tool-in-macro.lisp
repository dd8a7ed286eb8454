;;; expect: compile
;;; contains: get_user
;;; calls:
;; Macros can call no tool, not even one that the program may call.
(defmacro fetch () (clysm:call-tool "get_user" :id 1))
(fetch)
