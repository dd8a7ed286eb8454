;;; expect: value
;;; contains: 7
;;; calls: get_user=1
;; CLHS 2.3.5: two colons do for external symbols as well.
(getf (crm::get-user 1) :id)
