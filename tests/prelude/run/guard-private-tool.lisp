;;; expect: guard
;;; contains: rename_user
;;; calls:
;; It is granted, but only exports may call it.
(clysm:call-tool "rename_user" :id 1 :name "x" :reason nil)
