;;; hope: a type's predicate does not count
;;; expect: analysis or guard
;;; contains: maintain
;;; calls:
(typep 1 '(satisfies vault:maintain))
