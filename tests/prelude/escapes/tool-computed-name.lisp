;;; hope: a name that is put together is not seen
;;; expect: guard
;;; contains: call
;;; calls:
(clysm:call-tool (concatenate 'string "wi" "pe"))
