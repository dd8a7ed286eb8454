;;; hope: the check of the length takes a list of characters for a text
;;; expect: run
;;; calls:
(vault:add '(#\a))
