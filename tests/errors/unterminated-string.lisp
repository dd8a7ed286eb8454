;;; The string does not end.
(print :before)
(print "abc)
