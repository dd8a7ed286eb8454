;;; The cleanup of an unwind-protect runs on both ways.
(defun protected (function)
  (unwind-protect (funcall function)
    (cleanup)))

;;;; Compiled:
;; (func $PROTECTED (;9;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   (local (ref eq) (ref eq) i32 i32 (ref $function) (ref eq) i32)
;;   global.get $binding-depth
;;   local.set 5
;;   global.get $literal-0
;;   local.tee 2
;;   local.set 3
;;   i32.const 0
;;   local.set 4
;;   block ;; label = @1
;;     block (type 31) (result (ref eq) (ref eq)) ;; label = @2
;;       try_table (catch 0 0 (;@2;)) ;; label = @3
;;         local.get 1
;;         local.set 7
;;         local.get 7
;;         ref.test (ref $function)
;;         if (result (ref eq)) ;; label = @4
;;           local.get 7
;;         else
;;           ref.null $function
;;           local.get 7
;;           call $CLYSM:COERCE-TO-FUNCTION
;;         end
;;         ref.cast (ref $function)
;;         local.set 6
;;         local.get 6
;;         local.get 6
;;         struct.get $function 0
;;         call_indirect (type 24)
;;         local.set 2
;;         br 2 (;@1;)
;;       end
;;       unreachable
;;     end
;;     local.set 2
;;     local.set 3
;;     i32.const 1
;;     local.set 4
;;     global.get $value-count
;;     local.set 8
;;     ref.null $function
;;     local.get 5
;;     ref.i31
;;     call $CLYSM:UNBIND-TO
;;     drop
;;     local.get 8
;;     global.set $value-count
;;   end
;;   global.get $value-count
;;   local.tee 8
;;   i32.const 1
;;   i32.ne
;;   if (result (ref eq)) ;; label = @1
;;     ref.null $function
;;     local.get 2
;;     call $CLYSM:LIST-VALUES
;;   else
;;     global.get $literal-0
;;   end
;;   local.set 7
;;   global.get $literal-3
;;   struct.get $symbol 3
;;   local.set 6
;;   local.get 6
;;   local.get 6
;;   struct.get $function 0
;;   call_indirect (type 24)
;;   drop
;;   local.get 8
;;   i32.const 1
;;   i32.ne
;;   if ;; label = @1
;;     ref.null $function
;;     local.get 7
;;     call $CLYSM:RESTORE-VALUES
;;     drop
;;   else
;;     i32.const 1
;;     global.set $value-count
;;   end
;;   local.get 4
;;   i32.const 1
;;   i32.eq
;;   if ;; label = @1
;;     local.get 3
;;     local.get 2
;;     throw 0
;;   end
;;   local.get 2
;;   return
;;   unreachable
;; )
