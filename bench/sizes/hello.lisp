;;; The smallest program with output.
(write-line "Hello, world")
