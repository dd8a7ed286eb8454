;;; hope: a name of the program for a class of the library can be included
;;; expect: run
;;; calls:
(setf (find-class 'mine) (class-of (find-package :vault)))
(eval '(defstruct (fake (:include mine))))
