;;; hope: a condition's reader is an export
;;; expect: compile or analysis
;;; contains: note
;;; calls:
(define-condition mine (error) ((text :initarg :text :reader vault:note)))
