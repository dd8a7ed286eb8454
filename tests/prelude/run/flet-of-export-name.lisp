;;; expect: value
;;; contains: (:LOCAL 1 2 3)
;;; calls:
;; A local function is another function, with an arity of its own.
(flet ((crm:get-user (&rest arguments) (cons :local arguments)))
  (crm:get-user 1 2 3))
