;;; hope: a symbol in lower case is not the one that is checked, and is the one that is called
;;; expect: analysis
;;; contains: wipe
;;; calls:
(vault::|wipe|)
