;;; expect: value
;;; contains: :REFUSED
;;; calls:
;; What the export itself refuses is an error like others.
(handler-case (crm:get-user 0)
  (error () :refused))
