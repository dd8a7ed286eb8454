;;; hope: a compiler macro of the program decides what calls of an export are
;;; expect: compile or analysis
;;; contains: add
;;; calls:
(define-compiler-macro vault:add (text) (list 'list text))
