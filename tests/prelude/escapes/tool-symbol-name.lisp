;;; hope: a symbol is a name that is not looked at
;;; expect: guard
;;; contains: call
;;; calls:
(clysm:call-tool 'wipe)
