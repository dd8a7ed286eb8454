(write-line "before")
(loop)
