;;; A local function that does not escape gets what it closes over as parameters.
(defun sum-of-squares (list offset)
  (flet ((square (x) (+ offset (* x x))))
    (+ (square (car list)) (square (cdr list)))))

;;;; Compiled:
;; (func $SUM-OF-SQUARES (;8;) (type 26) (param (ref null $function) (ref eq) (ref eq)) (result (ref eq))
;;   (local (ref eq) (ref eq) i32)
;;   ref.null $function
;;   block (result (ref eq)) ;; label = @1
;;     block (result (ref eq)) ;; label = @2
;;       local.get 1
;;       br_on_cast_fail 0 (;@2;) (ref eq) (ref $cons)
;;       struct.get $cons 0
;;       br 1 (;@1;)
;;     end
;;     local.set 3
;;     ref.null $function
;;     local.get 3
;;     call $COMMON-LISP:CAR
;;   end
;;   local.get 2
;;   call $SQUARE
;;   local.set 3
;;   ref.null $function
;;   block (result (ref eq)) ;; label = @1
;;     block (result (ref eq)) ;; label = @2
;;       local.get 1
;;       br_on_cast_fail 0 (;@2;) (ref eq) (ref $cons)
;;       struct.get $cons 1
;;       br 1 (;@1;)
;;     end
;;     local.set 4
;;     ref.null $function
;;     local.get 4
;;     call $COMMON-LISP:CDR
;;   end
;;   local.get 2
;;   call $SQUARE
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
;; (func $SQUARE (;9;) (type 26) (param (ref null $function) (ref eq) (ref eq)) (result (ref eq))
;;   (local (ref eq) (ref eq) (ref eq) i64 i32)
;;   local.get 2
;;   local.set 3
;;   local.get 1
;;   local.set 4
;;   local.get 1
;;   local.set 5
;;   block (result (ref eq)) ;; label = @1
;;     block ;; label = @2
;;       block (result (ref eq)) ;; label = @3
;;         local.get 4
;;         br_on_cast_fail 0 (;@3;) (ref eq) (ref i31)
;;         i31.get_s
;;         i64.extend_i32_s
;;         local.get 5
;;         br_on_cast_fail 0 (;@3;) (ref eq) (ref i31)
;;         i31.get_s
;;         i64.extend_i32_s
;;         i64.mul
;;         local.tee 6
;;         i64.const 1073741824
;;         i64.add
;;         i64.const 2147483648
;;         i64.lt_u
;;         i32.eqz
;;         br_if 1 (;@2;)
;;         local.get 6
;;         i32.wrap_i64
;;         ref.i31
;;         br 2 (;@1;)
;;       end
;;       drop
;;     end
;;     ref.null $function
;;     local.get 4
;;     local.get 5
;;     call $CLYSM:GENERIC-MULTIPLY
;;   end
;;   local.set 5
;;   block (result (ref eq)) ;; label = @1
;;     block ;; label = @2
;;       block (result (ref eq)) ;; label = @3
;;         local.get 3
;;         br_on_cast_fail 0 (;@3;) (ref eq) (ref i31)
;;         i31.get_s
;;         local.get 5
;;         br_on_cast_fail 0 (;@3;) (ref eq) (ref i31)
;;         i31.get_s
;;         i32.add
;;         local.tee 7
;;         i32.const 1073741824
;;         i32.add
;;         i32.const 0
;;         i32.ge_s
;;         i32.eqz
;;         br_if 1 (;@2;)
;;         local.get 7
;;         ref.i31
;;         br 2 (;@1;)
;;       end
;;       drop
;;     end
;;     ref.null $function
;;     local.get 3
;;     local.get 5
;;     call $CLYSM:GENERIC-ADD
;;   end
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
