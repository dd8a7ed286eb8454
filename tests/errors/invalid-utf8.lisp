(print :before)
(print "ÿþ")
