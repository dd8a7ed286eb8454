;;;; The last file of the library: programs begin in their own package.

(in-package :common-lisp-user)
