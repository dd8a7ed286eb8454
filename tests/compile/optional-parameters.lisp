;;; A default is evaluated when the argument is missing.
(defun padded (x &optional (width 8) &key (fill #\Space))
  (list x width fill))

;;;; Compiled:
;; (func $PADDED (;10;) (type 27) (param (ref null $function) (ref eq) (ref eq) (ref eq)) (result (ref eq))
;;   (local (ref eq) (ref eq))
;;   block (result (ref eq)) ;; label = @1
;;     block ;; label = @2
;;       local.get 2
;;       global.get $unsupplied
;;       ref.eq
;;       i32.eqz
;;       br_if 0 (;@2;)
;;       i32.const 8
;;       ref.i31
;;       br 1 (;@1;)
;;     end
;;     local.get 2
;;   end
;;   local.set 4
;;   block (result (ref eq)) ;; label = @1
;;     block ;; label = @2
;;       local.get 3
;;       global.get $unsupplied
;;       ref.eq
;;       i32.eqz
;;       br_if 0 (;@2;)
;;       global.get $literal-3
;;       br 1 (;@1;)
;;     end
;;     local.get 3
;;   end
;;   local.set 5
;;   local.get 1
;;   local.get 4
;;   local.get 5
;;   global.get $literal-0
;;   i32.const 0
;;   struct.new $cons
;;   i32.const 0
;;   struct.new $cons
;;   i32.const 0
;;   struct.new $cons
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
