;;; expect: value
;;; contains: "a"
;;; calls: search_users=1
;; CLHS 3.4.1.4: the caller may say so.
(getf (crm:search-users "a" :offset 3 :allow-other-keys t) :query)
