;;; Elements of simple vectors inline, with a bounds check; everything else in the library.
(defun element (vector index)
  (svref vector index))

(defun set-element (vector index)
  (setf (svref vector index) index))

;;;; Compiled:
;; (func $ELEMENT (;6;) (type 26) (param (ref null $function) (ref eq) (ref eq)) (result (ref eq))
;;   (local (ref eq) (ref eq) (ref $simple-vector) i32)
;;   local.get 1
;;   local.set 3
;;   local.get 2
;;   local.set 4
;;   block (result (ref eq)) ;; label = @1
;;     block ;; label = @2
;;       block (result (ref eq)) ;; label = @3
;;         local.get 3
;;         br_on_cast_fail 0 (;@3;) (ref eq) (ref $simple-vector)
;;         local.set 5
;;         local.get 4
;;         br_on_cast_fail 0 (;@3;) (ref eq) (ref i31)
;;         i31.get_s
;;         local.tee 6
;;         local.get 5
;;         array.len
;;         i32.ge_u
;;         br_if 1 (;@2;)
;;         local.get 5
;;         local.get 6
;;         array.get $simple-vector
;;         br 2 (;@1;)
;;       end
;;       drop
;;     end
;;     ref.null $function
;;     local.get 3
;;     local.get 4
;;     call $COMMON-LISP:SVREF
;;   end
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $SET-ELEMENT (;8;) (type 26) (param (ref null $function) (ref eq) (ref eq)) (result (ref eq))
;;   (local (ref eq) (ref eq) (ref eq) (ref eq) (ref eq) (ref eq) (ref $simple-vector) i32)
;;   local.get 1
;;   local.set 3
;;   local.get 2
;;   local.set 4
;;   local.get 2
;;   local.set 5
;;   local.get 5
;;   local.set 6
;;   local.get 3
;;   local.set 7
;;   local.get 4
;;   local.set 8
;;   block ;; label = @1
;;     block ;; label = @2
;;       block (result (ref eq)) ;; label = @3
;;         local.get 7
;;         br_on_cast_fail 0 (;@3;) (ref eq) (ref $simple-vector)
;;         local.set 9
;;         local.get 8
;;         br_on_cast_fail 0 (;@3;) (ref eq) (ref i31)
;;         i31.get_s
;;         local.tee 10
;;         local.get 9
;;         array.len
;;         i32.ge_u
;;         br_if 1 (;@2;)
;;         local.get 9
;;         local.get 10
;;         local.get 6
;;         array.set $simple-vector
;;         br 2 (;@1;)
;;       end
;;       drop
;;     end
;;     ref.null $function
;;     local.get 6
;;     local.get 7
;;     local.get 8
;;     call $"(SETF COMMON-LISP:SVREF)"
;;     drop
;;   end
;;   local.get 6
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
