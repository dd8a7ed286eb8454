;;; hope: a private tool that an export makes available can be called by itself
;;; expect: run
;;; contains: add_note
;;; calls: add_note=1
(vault:add "a")
(eval (read-from-string "(clysm:call-tool \"add_note\" :text \"a text that is much longer than a note may be\")"))
