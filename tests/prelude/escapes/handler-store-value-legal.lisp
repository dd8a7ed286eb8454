;;; hope: none; a value that is given later is as good as any
;;; expect: value
;;; contains: "short"
;;; calls: add_note=1
(handler-bind ((type-error (lambda (condition)
                             (declare (ignore condition))
                             (store-value "short"))))
  (getf (vault:add 1) :text))
