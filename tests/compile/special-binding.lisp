;;; A dynamic variable is read from its symbol, and bound by saving its value on the binding stack.
(defvar *depth* 0)

(defun deeper (function)
  (let ((*depth* (+ *depth* 1)))
    (funcall function)))

;;;; Compiled:
;; (func $DEEPER (;11;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   (local (ref eq) i32 (ref $function) i32)
;;   global.get $literal-2
;;   struct.get $symbol 2
;;   local.set 2
;;   local.get 2
;;   global.get $unbound
;;   ref.eq
;;   if (result (ref eq)) ;; label = @1
;;     ref.null $function
;;     global.get $literal-2
;;     call $CLYSM:SIGNAL-UNBOUND-VARIABLE
;;   else
;;     local.get 2
;;   end
;;   local.set 2
;;   block (result (ref eq)) ;; label = @1
;;     block ;; label = @2
;;       block (result (ref eq)) ;; label = @3
;;         local.get 2
;;         br_on_cast_fail 0 (;@3;) (ref eq) (ref i31)
;;         i31.get_s
;;         i32.const 1
;;         i32.add
;;         local.tee 3
;;         i32.const 1073741824
;;         i32.add
;;         i32.const 0
;;         i32.ge_s
;;         i32.eqz
;;         br_if 1 (;@2;)
;;         local.get 3
;;         ref.i31
;;         br 2 (;@1;)
;;       end
;;       drop
;;     end
;;     ref.null $function
;;     local.get 2
;;     i32.const 1
;;     ref.i31
;;     call $CLYSM:GENERIC-ADD
;;   end
;;   local.set 2
;;   global.get $binding-depth
;;   local.set 3
;;   ref.null $function
;;   global.get $literal-2
;;   local.get 2
;;   call $CLYSM:BIND-SPECIAL
;;   drop
;;   local.get 1
;;   local.set 2
;;   local.get 2
;;   ref.test (ref $function)
;;   if (result (ref eq)) ;; label = @1
;;     local.get 2
;;   else
;;     ref.null $function
;;     local.get 2
;;     call $CLYSM:COERCE-TO-FUNCTION
;;   end
;;   ref.cast (ref $function)
;;   local.set 4
;;   local.get 4
;;   local.get 4
;;   struct.get $function 0
;;   call_indirect (type 24)
;;   global.get $value-count
;;   local.set 5
;;   ref.null $function
;;   local.get 3
;;   ref.i31
;;   call $CLYSM:UNBIND-TO
;;   drop
;;   local.get 5
;;   global.set $value-count
;;   return
;;   unreachable
;; )
