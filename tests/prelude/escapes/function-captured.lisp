;;; hope: a function that is captured before the guard looks is the function behind the gate
;;; expect: guard
;;; contains: wipe
;;; calls:
(defparameter *captured* #'vault:maintain)
(funcall *captured*)
