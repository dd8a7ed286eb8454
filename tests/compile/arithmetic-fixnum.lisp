;;; Arithmetic without declarations: fixnums inline, with a test for overflow, everything else in the library.
(defun add (x y)
  (+ x y))

(defun times-plus-one (x y)
  (1+ (* x y)))

;;;; Compiled:
;; (func $ADD (;6;) (type 26) (param (ref null $function) (ref eq) (ref eq)) (result (ref eq))
;;   (local (ref eq) (ref eq) i32)
;;   local.get 1
;;   local.set 3
;;   local.get 2
;;   local.set 4
;;   block (result (ref eq)) ;; label = @1
;;     block ;; label = @2
;;       block (result (ref eq)) ;; label = @3
;;         local.get 3
;;         br_on_cast_fail 0 (;@3;) (ref eq) (ref i31)
;;         i31.get_s
;;         local.get 4
;;         br_on_cast_fail 0 (;@3;) (ref eq) (ref i31)
;;         i31.get_s
;;         i32.add
;;         local.tee 5
;;         i32.const 1073741824
;;         i32.add
;;         i32.const 0
;;         i32.ge_s
;;         i32.eqz
;;         br_if 1 (;@2;)
;;         local.get 5
;;         ref.i31
;;         br 2 (;@1;)
;;       end
;;       drop
;;     end
;;     ref.null $function
;;     local.get 3
;;     local.get 4
;;     call $CLYSM:GENERIC-ADD
;;   end
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $TIMES-PLUS-ONE (;8;) (type 26) (param (ref null $function) (ref eq) (ref eq)) (result (ref eq))
;;   (local (ref eq) (ref eq) i64 i32)
;;   local.get 1
;;   local.set 3
;;   local.get 2
;;   local.set 4
;;   block (result (ref eq)) ;; label = @1
;;     block ;; label = @2
;;       block (result (ref eq)) ;; label = @3
;;         local.get 3
;;         br_on_cast_fail 0 (;@3;) (ref eq) (ref i31)
;;         i31.get_s
;;         i64.extend_i32_s
;;         local.get 4
;;         br_on_cast_fail 0 (;@3;) (ref eq) (ref i31)
;;         i31.get_s
;;         i64.extend_i32_s
;;         i64.mul
;;         local.tee 5
;;         i64.const 1073741824
;;         i64.add
;;         i64.const 2147483648
;;         i64.lt_u
;;         i32.eqz
;;         br_if 1 (;@2;)
;;         local.get 5
;;         i32.wrap_i64
;;         ref.i31
;;         br 2 (;@1;)
;;       end
;;       drop
;;     end
;;     ref.null $function
;;     local.get 3
;;     local.get 4
;;     call $CLYSM:GENERIC-MULTIPLY
;;   end
;;   local.set 4
;;   block (result (ref eq)) ;; label = @1
;;     block ;; label = @2
;;       block (result (ref eq)) ;; label = @3
;;         local.get 4
;;         br_on_cast_fail 0 (;@3;) (ref eq) (ref i31)
;;         i31.get_s
;;         i32.const 1
;;         i32.add
;;         local.tee 6
;;         i32.const 1073741824
;;         i32.add
;;         i32.const 0
;;         i32.ge_s
;;         i32.eqz
;;         br_if 1 (;@2;)
;;         local.get 6
;;         ref.i31
;;         br 2 (;@1;)
;;       end
;;       drop
;;     end
;;     ref.null $function
;;     local.get 4
;;     i32.const 1
;;     ref.i31
;;     call $CLYSM:GENERIC-ADD
;;   end
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
