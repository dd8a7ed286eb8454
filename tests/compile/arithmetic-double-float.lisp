;;; Declared double-floats stay unboxed within a function.
(defun norm (x y)
  (declare (double-float x y))
  (let ((squares (+ (* x x) (* y y))))
    (declare (double-float squares))
    (- squares 1d0)))

;;;; Compiled:
;; (func $NORM (;8;) (type 26) (param (ref null $function) (ref eq) (ref eq)) (result (ref eq))
;;   (local (ref eq) f64 f64 f64 f64 f64 f64 f64 f64)
;;   local.get 1
;;   local.set 3
;;   block (result f64) ;; label = @1
;;     block (result (ref eq)) ;; label = @2
;;       local.get 3
;;       br_on_cast_fail 0 (;@2;) (ref eq) (ref $double)
;;       struct.get $double 0
;;       br 1 (;@1;)
;;     end
;;     drop
;;     ref.null $function
;;     local.get 3
;;     global.get $literal-3
;;     call $CLYSM:SIGNAL-TYPE-ERROR
;;     unreachable
;;   end
;;   local.set 4
;;   local.get 2
;;   local.set 3
;;   block (result f64) ;; label = @1
;;     block (result (ref eq)) ;; label = @2
;;       local.get 3
;;       br_on_cast_fail 0 (;@2;) (ref eq) (ref $double)
;;       struct.get $double 0
;;       br 1 (;@1;)
;;     end
;;     drop
;;     ref.null $function
;;     local.get 3
;;     global.get $literal-3
;;     call $CLYSM:SIGNAL-TYPE-ERROR
;;     unreachable
;;   end
;;   local.set 5
;;   local.get 4
;;   local.set 6
;;   local.get 4
;;   local.set 7
;;   local.get 6
;;   local.get 7
;;   f64.mul
;;   local.tee 8
;;   local.get 8
;;   f64.sub
;;   f64.const 0x0p+0 (;=0;)
;;   f64.ne
;;   if ;; label = @1
;;     ref.null $function
;;     local.get 6
;;     struct.new $double
;;     local.get 7
;;     struct.new $double
;;     call $CLYSM:GENERIC-MULTIPLY
;;     ref.cast (ref $double)
;;     struct.get $double 0
;;     local.set 8
;;   end
;;   local.get 8
;;   local.set 8
;;   local.get 5
;;   local.set 9
;;   local.get 5
;;   local.set 10
;;   local.get 9
;;   local.get 10
;;   f64.mul
;;   local.tee 11
;;   local.get 11
;;   f64.sub
;;   f64.const 0x0p+0 (;=0;)
;;   f64.ne
;;   if ;; label = @1
;;     ref.null $function
;;     local.get 9
;;     struct.new $double
;;     local.get 10
;;     struct.new $double
;;     call $CLYSM:GENERIC-MULTIPLY
;;     ref.cast (ref $double)
;;     struct.get $double 0
;;     local.set 11
;;   end
;;   local.get 11
;;   local.set 7
;;   local.get 8
;;   local.get 7
;;   f64.add
;;   local.tee 6
;;   local.get 6
;;   f64.sub
;;   f64.const 0x0p+0 (;=0;)
;;   f64.ne
;;   if ;; label = @1
;;     ref.null $function
;;     local.get 8
;;     struct.new $double
;;     local.get 7
;;     struct.new $double
;;     call $CLYSM:GENERIC-ADD
;;     ref.cast (ref $double)
;;     struct.get $double 0
;;     local.set 6
;;   end
;;   local.get 6
;;   local.set 6
;;   local.get 6
;;   local.set 7
;;   f64.const 0x1p+0 (;=1;)
;;   local.set 8
;;   local.get 7
;;   local.get 8
;;   f64.sub
;;   local.tee 11
;;   local.get 11
;;   f64.sub
;;   f64.const 0x0p+0 (;=0;)
;;   f64.ne
;;   if ;; label = @1
;;     ref.null $function
;;     local.get 7
;;     struct.new $double
;;     local.get 8
;;     struct.new $double
;;     call $CLYSM:GENERIC-SUBTRACT
;;     ref.cast (ref $double)
;;     struct.get $double 0
;;     local.set 11
;;   end
;;   local.get 11
;;   struct.new $double
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
