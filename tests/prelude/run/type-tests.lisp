;;; expect: value
;;; contains: (:FUNCTION :SYMBOL :STRING :LIST :TABLE :INTEGER :CHARACTER :VECTOR)
;;; calls:
;; What standard macros expand into is for programs, whatever it is.
(defun kind (object)
  (etypecase object
    (function :function)
    (symbol :symbol)
    (string :string)
    (list :list)
    (hash-table :table)
    (integer :integer)
    (character :character)
    (vector :vector)))
(mapcar #'kind (list #'crm:get-user 'a "a" '(1) (make-hash-table) 1 #\a #(1)))
