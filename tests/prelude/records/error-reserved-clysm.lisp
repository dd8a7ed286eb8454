(in-package :clysm)
(defun %helper () 1)
