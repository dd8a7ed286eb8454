;;; hope: a draft can be written down
;;; expect: analysis
;;; contains: sheet
;;; calls:
(vault:submit #S(vault::sheet :text "a text that is much longer than a note may be"))
