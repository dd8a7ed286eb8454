;;; There is no such package.
(print :before)
(print (no-such-package:function 1))
