;;; A function of the program is called through the function cell of its symbol.
(defun callee (x y) (eq x y))

(defun caller (x)
  (list (callee x 1)))

;;;; Compiled:
;; (func $CALLEE (;4;) (type 26) (param (ref null $function) (ref eq) (ref eq)) (result (ref eq))
;;   local.get 1
;;   local.get 2
;;   ref.eq
;;   if (result (ref eq)) ;; label = @1
;;     global.get $literal-1
;;   else
;;     global.get $literal-0
;;   end
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $CALLER (;6;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   (local (ref $function))
;;   global.get $literal-2
;;   struct.get $symbol 3
;;   local.set 2
;;   local.get 2
;;   local.get 1
;;   i32.const 1
;;   ref.i31
;;   local.get 2
;;   struct.get $function 0
;;   call_indirect 2 (type 26)
;;   global.get $literal-0
;;   i32.const 0
;;   struct.new $cons
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
