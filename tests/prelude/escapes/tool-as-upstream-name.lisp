;;; hope: a tool's name with a slash is that of a server's tool
;;; expect: guard
;;; contains: archive/fetch
;;; calls:
(clysm:call-tool "archive/fetch")
