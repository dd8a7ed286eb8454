;;; A call of another function of the program in tail position, known or not yet known, takes the place of its caller.
(defun known (x) x)

(defun calls-known (x)
  (known x))

(defun calls-unknown (x)
  (unknown x))

;;;; Compiled:
;; (func $KNOWN (;5;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   local.get 1
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $CALLS-KNOWN (;7;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   (local (ref $function))
;;   global.get $literal-2
;;   struct.get $symbol 3
;;   local.set 2
;;   local.get 2
;;   local.get 1
;;   local.get 2
;;   struct.get $function 0
;;   return_call_indirect 1 (type 25)
;;   unreachable
;; )
;; (func $CALLS-UNKNOWN (;9;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   (local (ref $function))
;;   global.get $literal-5
;;   struct.get $symbol 3
;;   local.set 2
;;   local.get 2
;;   local.get 1
;;   local.get 2
;;   struct.get $function 0
;;   if (type 25) (param (ref null $function) (ref eq)) (result (ref eq)) ;; label = @1
;;     local.get 2
;;     struct.get $function 0
;;     return_call_indirect 1 (type 25)
;;   else
;;     local.get 2
;;     struct.get $function 0
;;     call_indirect 1 (type 25)
;;   end
;;   return
;;   unreachable
;; )
