;;; One parenthesis too many.
(print :before)
(print (list 1 2)))
(print :after)
