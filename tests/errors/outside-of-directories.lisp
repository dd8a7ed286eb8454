;;; A file in no granted directory.
(print (handler-case (open "/etc/passwd") (file-error () :file-error)))
(open "/etc/passwd")
