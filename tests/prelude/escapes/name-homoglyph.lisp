;;; hope: a package name with a Cyrillic letter is taken for another
;;; expect: compile
;;; calls:
(vаult:maintain)
