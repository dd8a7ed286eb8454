;;; expect: value
;;; contains: "Ada"
;;; calls: get_user=1
;; Programs may call tools themselves that aren't private.
(getf (clysm:call-tool "get_user" :id 1) :name)
