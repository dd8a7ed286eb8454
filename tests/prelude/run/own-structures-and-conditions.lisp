;;; expect: value
;;; contains: (7 "Ada" :MISSING)
;;; calls: get_user=1
(defstruct person id name)
(define-condition missing (error) ((id :initarg :id :reader missing-id)))
(let* ((user (crm:get-user 1))
       (person (make-person :id (getf user :id) :name "x")))
  (setf (person-name person) (getf user :name))
  (list (person-id person)
        (person-name (copy-person person))
        (handler-case (error 'missing :id 2) (missing () :missing))))
