;;; hope: a local function changes what the prelude's check calls
;;; expect: run
;;; contains: 20
;;; calls:
(flet ((length (sequence) (declare (ignore sequence)) 0))
  (length '())
  (vault:add "a text that is much longer than a note may be"))
