;;; hope: a local function of a discovery form's name gets the name
;;; expect: guard
;;; contains: wipe
;;; calls:
(flet ((describe (name) (funcall name)))
  (describe 'vault:maintain))
