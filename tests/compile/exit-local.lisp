;;; An exit within a function is a branch.
(defun first-negative (list)
  (block search
    (dolist (x list)
      (if (< x 0) (return-from search x)))
    :none))

;;;; Compiled:
;; (func $FIRST-NEGATIVE (;6;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   (local (ref eq) (ref eq) (ref $cons) (ref eq))
;;   block ;; label = @1
;;     local.get 1
;;     local.set 2
;;     loop ;; label = @2
;;       block (result (ref $cons)) ;; label = @3
;;         local.get 2
;;         br_on_cast 0 (;@3;) (ref eq) (ref $cons)
;;         local.set 3
;;         local.get 3
;;         global.get $literal-0
;;         ref.eq
;;         i32.eqz
;;         if ;; label = @4
;;           ref.null $function
;;           local.get 3
;;           call $COMMON-LISP:ENDP
;;           drop
;;         end
;;         br 2 (;@1;)
;;         unreachable
;;       end
;;       local.set 4
;;       local.get 4
;;       struct.get $cons 0
;;       local.set 3
;;       block ;; label = @3
;;         local.get 3
;;         local.set 5
;;         block ;; label = @4
;;           block (result (ref eq)) ;; label = @5
;;             local.get 5
;;             br_on_cast_fail 0 (;@5;) (ref eq) (ref i31)
;;             i31.get_s
;;             i32.const 0
;;             i32.lt_s
;;             i32.eqz
;;             br_if 2 (;@3;)
;;             br 1 (;@4;)
;;           end
;;           drop
;;           ref.null $function
;;           local.get 5
;;           i32.const 0
;;           ref.i31
;;           call $CLYSM:GENERIC-LESS
;;           global.get $literal-0
;;           ref.eq
;;           i32.eqz
;;           i32.eqz
;;           br_if 1 (;@3;)
;;         end
;;         local.get 3
;;         i32.const 1
;;         global.set $value-count
;;         return
;;       end
;;       local.get 4
;;       struct.get $cons 1
;;       local.set 2
;;       br 0 (;@2;)
;;     end
;;   end
;;   global.get $literal-3
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
