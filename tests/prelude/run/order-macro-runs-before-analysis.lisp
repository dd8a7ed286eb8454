;;; expect: compile
;;; contains: from a macro
;;; calls:
;; Macros run while the program is compiled; what they signal comes first.
(defmacro failing () (error "from a macro"))
(crm:get-user 1 2)
(failing)
