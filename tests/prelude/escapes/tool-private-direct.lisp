;;; hope: a tool that exports may use can be called without their checks
;;; expect: guard
;;; contains: add_note
;;; calls:
(clysm:call-tool "add_note" :text "a text that is much longer than a note may be")
