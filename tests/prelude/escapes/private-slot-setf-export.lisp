;;; hope: what reads the text of a draft can write it
;;; expect: analysis or run
;;; calls:
(setf (vault:draft-text vault:*sample*) "a text that is much longer than a note may be")
(vault:submit vault:*sample*)
