;;;; What Stage 1 does when it is started.

(in-package :clysm-compiler)

(main)
