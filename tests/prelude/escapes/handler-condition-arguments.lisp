;;; hope: a condition tells what the prelude knows
;;; expect: value
;;; contains: NIL
;;; calls:
(handler-case (vault:add "a text that is much longer than a note may be")
  (simple-condition (condition)
    (remove-if-not (lambda (object) (typep object '(or function (and symbol (not null)))))
                   (simple-condition-format-arguments condition))))
