;;; hope: a macro calls the export while nothing is checked yet
;;; expect: compile
;;; contains: note
;;; calls:
(defmacro peek () (vault:note 1))
(peek)
