;;; A variable that a closure shares and assigns lives in a cell; one that is only read is copied.
(defun make-counter (step)
  (let ((count 0))
    (lambda () (setq count (+ count step)))))

;;;; Compiled:
;; (func $MAKE-COUNTER (;5;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   (local (ref $cell))
;;   i32.const 0
;;   ref.i31
;;   struct.new $cell
;;   local.set 2
;;   global.get 14
;;   i32.const 1
;;   i32.add
;;   local.get 1
;;   local.get 2
;;   array.new_fixed $env 2
;;   global.get $literal-0
;;   i32.const 0
;;   struct.new $function
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
