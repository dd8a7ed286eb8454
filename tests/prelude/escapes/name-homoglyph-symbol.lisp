;;; hope: a symbol name with a Cyrillic letter is taken for another by some of the checks only
;;; expect: analysis
;;; calls:
(vault:mаintain)
