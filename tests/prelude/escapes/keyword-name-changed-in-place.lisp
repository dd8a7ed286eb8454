;;; hope: the prelude's own keyword gets another name, and the tool another argument
;;; expect: value
;;; contains: :ID
;;; calls: read_note=1
(ignore-errors (replace (symbol-name :id) "XX"))
(vault:note 1)
:id
