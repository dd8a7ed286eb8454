;;; hope: a local function of an export's name confuses the checks
;;; expect: guard
;;; contains: wipe
;;; calls:
(flet ((vault:maintain () 1))
  (list (vault:maintain) (funcall 'vault:maintain)))
