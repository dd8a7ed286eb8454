;;; expect: value
;;; contains: 50
;;; calls:
(defmacro twice (form) `(* 2 ,form))
(twice (crm:page-size))
