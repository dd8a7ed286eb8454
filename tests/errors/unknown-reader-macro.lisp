;;; No reader macro has the character `!` after a number sign.
(print :before)
(print '(1 #!2))
