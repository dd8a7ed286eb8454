;;; expect: value
;;; contains: 7
;;; calls: get_user=1
;; What a macro makes of a name is in the program as if it were written there.
(defmacro crm-call (name &rest arguments)
  (cons (find-symbol (string-upcase name) :crm) arguments))
(getf (crm-call "get-user" 1) :id)
