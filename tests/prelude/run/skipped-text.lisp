;;; expect: value
;;; contains: 1
;;; calls:
;; What the reader skips is no part of the program.
#+(or) (crm::fetch 1)
#| (clysm:call-tool "export_all") |#
(progn #+(or) (crm:get-usr) 1)
