;;; A counter below a literal limit is an unboxed fixnum.
(defun count-to-ten (function)
  (dotimes (i 10)
    (funcall function i)))

;;;; Compiled:
;; (func $COUNT-TO-TEN (;7;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   (local i32 (ref $function) (ref eq) i32 i32)
;;   i32.const 0
;;   local.set 2
;;   loop ;; label = @1
;;     block ;; label = @2
;;       local.get 2
;;       i32.const 10
;;       i32.ge_s
;;       i32.eqz
;;       br_if 0 (;@2;)
;;       global.get $literal-0
;;       i32.const 1
;;       global.set $value-count
;;       return
;;     end
;;     local.get 1
;;     local.set 4
;;     local.get 4
;;     ref.test (ref $function)
;;     if (result (ref eq)) ;; label = @2
;;       local.get 4
;;     else
;;       ref.null $function
;;       local.get 4
;;       call $CLYSM:COERCE-TO-FUNCTION
;;     end
;;     ref.cast (ref $function)
;;     local.set 3
;;     local.get 3
;;     local.get 2
;;     ref.i31
;;     local.get 3
;;     struct.get $function 0
;;     call_indirect 1 (type 25)
;;     drop
;;     local.get 2
;;     i32.const 1
;;     i32.add
;;     local.tee 5
;;     i32.const 1073741824
;;     i32.add
;;     i32.const 0
;;     i32.ge_s
;;     i32.eqz
;;     if ;; label = @2
;;       local.get 5
;;       local.tee 6
;;       i32.const 1073741824
;;       i32.add
;;       i32.const 0
;;       i32.ge_s
;;       if (result (ref eq)) ;; label = @3
;;         local.get 6
;;         ref.i31
;;       else
;;         local.get 6
;;         i64.extend_i32_s
;;         call $CLYSM:%BOX-I64
;;       end
;;       local.set 4
;;       ref.null $function
;;       local.get 4
;;       global.get $literal-3
;;       call $CLYSM:SIGNAL-TYPE-ERROR
;;       unreachable
;;     end
;;     local.get 5
;;     local.set 2
;;     br 0 (;@1;)
;;   end
;;   global.get $literal-0
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
