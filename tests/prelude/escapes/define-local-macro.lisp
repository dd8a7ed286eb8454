;;; hope: a local macro of an export's name confuses the checks
;;; expect: guard
;;; contains: wipe
;;; calls:
(macrolet ((vault:note (id) (declare (ignore id)) '(vault:maintain)))
  (vault:note 1))
