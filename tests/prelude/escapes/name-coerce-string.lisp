;;; hope: COERCE reads a name
;;; expect: run
;;; contains: function
;;; calls:
(funcall (coerce "vault:maintain" 'function))
