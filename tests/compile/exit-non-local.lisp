;;; An exit from another function is an exception with the identity of its target.
(defun find-first (predicate list)
  (block search
    (mapc (lambda (x) (if (funcall predicate x) (return-from search x))) list)
    nil))

;;;; Compiled:
;; (func $FIND-FIRST (;8;) (type 26) (param (ref null $function) (ref eq) (ref eq)) (result (ref eq))
;;   (local (ref eq) i32 (ref eq) (ref eq) i32)
;;   global.get $literal-1
;;   struct.new $cell
;;   local.set 3
;;   block (result (ref eq)) ;; label = @1
;;     global.get $binding-depth
;;     local.set 4
;;     block (type 31) (result (ref eq) (ref eq)) ;; label = @2
;;       try_table (catch 0 0 (;@2;)) ;; label = @3
;;         ref.null $function
;;         global.get 14
;;         i32.const 1
;;         i32.add
;;         local.get 1
;;         local.get 3
;;         array.new_fixed $env 2
;;         global.get $literal-0
;;         i32.const 0
;;         struct.new $function
;;         local.get 2
;;         global.get $literal-0
;;         call $COMMON-LISP:MAPC
;;         drop
;;         global.get $literal-0
;;         i32.const 1
;;         global.set $value-count
;;         br 2 (;@1;)
;;       end
;;       unreachable
;;     end
;;     local.set 5
;;     local.set 6
;;     local.get 6
;;     local.get 3
;;     ref.eq
;;     i32.eqz
;;     if ;; label = @2
;;       local.get 6
;;       local.get 5
;;       throw 0
;;     end
;;     global.get $value-count
;;     local.set 7
;;     ref.null $function
;;     local.get 4
;;     ref.i31
;;     call $CLYSM:UNBIND-TO
;;     drop
;;     local.get 7
;;     global.set $value-count
;;     local.get 5
;;   end
;;   local.get 3
;;   ref.cast (ref $cell)
;;   global.get $literal-0
;;   struct.set $cell 0
;;   return
;;   unreachable
;; )
