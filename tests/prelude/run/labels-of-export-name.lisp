;;; expect: value
;;; contains: :DONE
;;; calls:
(labels ((crm:get-user (n m) (if (= n m) :done (crm:get-user n (+ m 1)))))
  (crm:get-user 3 1))
