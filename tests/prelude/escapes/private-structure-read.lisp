;;; hope: a draft can be read
;;; expect: run
;;; calls:
(vault:submit (read-from-string "#S(vault::sheet :text \"a text that is much longer than a note may be\")"))
