;;; hope: the reader calls the export before anything is checked
;;; expect: compile
;;; contains: maintain
;;; calls:
(list #.(vault:maintain))
