;;; A dynamic exit point.
(defun catcher (function)
  (catch 'tag (funcall function)))

(defun thrower (value)
  (throw 'tag value))

;;;; Compiled:
;; (func $CATCHER (;8;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   (local (ref eq) i32 (ref eq) i32 (ref $function) (ref eq) i32 (ref eq))
;;   global.get $literal-3
;;   local.set 2
;;   global.get $binding-depth
;;   local.set 3
;;   block (result (ref eq)) ;; label = @1
;;     global.get $literal-1
;;     struct.new $cell
;;     local.set 4
;;     global.get $binding-depth
;;     local.set 5
;;     block (type 31) (result (ref eq) (ref eq)) ;; label = @2
;;       try_table (catch 0 0 (;@2;)) ;; label = @3
;;         ref.null $function
;;         local.get 2
;;         local.get 4
;;         call $CLYSM:BIND-CATCH
;;         drop
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
;;         global.get $value-count
;;         local.set 8
;;         ref.null $function
;;         local.get 3
;;         ref.i31
;;         call $CLYSM:UNBIND-TO
;;         drop
;;         local.get 8
;;         global.set $value-count
;;         br 2 (;@1;)
;;       end
;;       unreachable
;;     end
;;     local.set 7
;;     local.set 9
;;     local.get 9
;;     local.get 4
;;     ref.eq
;;     i32.eqz
;;     if ;; label = @2
;;       local.get 9
;;       local.get 7
;;       throw 0
;;     end
;;     global.get $value-count
;;     local.set 8
;;     ref.null $function
;;     local.get 5
;;     ref.i31
;;     call $CLYSM:UNBIND-TO
;;     drop
;;     local.get 8
;;     global.set $value-count
;;     local.get 7
;;   end
;;   return
;;   unreachable
;; )
;; (func $THROWER (;10;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   (local (ref eq) (ref eq) i32)
;;   global.get $literal-3
;;   local.set 2
;;   local.get 1
;;   i32.const 1
;;   global.set $value-count
;;   local.set 3
;;   global.get $value-count
;;   local.set 4
;;   ref.null $function
;;   local.get 2
;;   call $CLYSM:FIND-CATCH
;;   local.set 2
;;   local.get 4
;;   global.set $value-count
;;   local.get 2
;;   local.get 3
;;   throw 0
;;   unreachable
;; )
