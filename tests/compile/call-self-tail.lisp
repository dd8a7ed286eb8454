;;; A function that calls itself in tail position.
(defun count-down (n)
  (if (< n 1)
      :done
      (count-down (- n 1))))

;;;; Compiled:
;; (func $COUNT-DOWN (;6;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   (local (ref eq) i32)
;;   block ;; label = @1
;;     block ;; label = @2
;;       local.get 1
;;       local.set 2
;;       block ;; label = @3
;;         block (result (ref eq)) ;; label = @4
;;           local.get 2
;;           br_on_cast_fail 0 (;@4;) (ref eq) (ref i31)
;;           i31.get_s
;;           i32.const 1
;;           i32.lt_s
;;           i32.eqz
;;           br_if 2 (;@2;)
;;           br 1 (;@3;)
;;         end
;;         drop
;;         ref.null $function
;;         local.get 2
;;         i32.const 1
;;         ref.i31
;;         call $CLYSM:GENERIC-LESS
;;         global.get $literal-0
;;         ref.eq
;;         i32.eqz
;;         i32.eqz
;;         br_if 1 (;@2;)
;;       end
;;       global.get $literal-3
;;       i32.const 1
;;       global.set $value-count
;;       return
;;       br 1 (;@1;)
;;     end
;;     ref.null $function
;;     local.get 1
;;     local.set 2
;;     block (result (ref eq)) ;; label = @2
;;       block ;; label = @3
;;         block (result (ref eq)) ;; label = @4
;;           local.get 2
;;           br_on_cast_fail 0 (;@4;) (ref eq) (ref i31)
;;           i31.get_s
;;           i32.const 1
;;           i32.sub
;;           local.tee 3
;;           i32.const 1073741824
;;           i32.add
;;           i32.const 0
;;           i32.ge_s
;;           i32.eqz
;;           br_if 1 (;@3;)
;;           local.get 3
;;           ref.i31
;;           br 2 (;@2;)
;;         end
;;         drop
;;       end
;;       ref.null $function
;;       local.get 2
;;       i32.const 1
;;       ref.i31
;;       call $CLYSM:GENERIC-SUBTRACT
;;     end
;;     return_call $COUNT-DOWN
;;   end
;;   unreachable
;;   unreachable
;; )
