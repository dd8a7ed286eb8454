(defpackage :common-lisp (:export #:get-user))
