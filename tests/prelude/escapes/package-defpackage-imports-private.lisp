;;; hope: DEFPACKAGE imports what nothing else can name
;;; expect: compile or analysis
;;; contains: wipe
;;; calls:
(defpackage :mine (:use :common-lisp) (:import-from :vault #:wipe))
(in-package :mine)
(wipe)
