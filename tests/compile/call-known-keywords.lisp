;;; Keyword arguments of a library function are matched at compile time, evaluated in the order in which they are written.
(defun find-from-end (item list)
  (car (member item list :key #'car :test #'eql)))

(defun reordered (list)
  (position 1 list :end (one) :start (two)))

;;;; Compiled:
;; (func $FIND-FROM-END (;8;) (type 26) (param (ref null $function) (ref eq) (ref eq)) (result (ref eq))
;;   (local (ref eq))
;;   block (result (ref eq)) ;; label = @1
;;     block (result (ref eq)) ;; label = @2
;;       ref.null $function
;;       local.get 1
;;       local.get 2
;;       global.get $literal-3
;;       struct.get $symbol 3
;;       global.get $literal-4
;;       struct.get $symbol 3
;;       global.get $unsupplied
;;       call $COMMON-LISP:MEMBER
;;       br_on_cast_fail 0 (;@2;) (ref eq) (ref $cons)
;;       struct.get $cons 0
;;       br 1 (;@1;)
;;     end
;;     local.set 3
;;     ref.null $function
;;     local.get 3
;;     call $COMMON-LISP:CAR
;;   end
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $REORDERED (;10;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   (local (ref eq) (ref eq) (ref $function) (ref eq) (ref eq))
;;   i32.const 1
;;   ref.i31
;;   local.set 2
;;   local.get 1
;;   local.set 3
;;   global.get $literal-6
;;   struct.get $symbol 3
;;   local.set 4
;;   local.get 4
;;   local.get 4
;;   struct.get $function 0
;;   call_indirect (type 24)
;;   local.set 5
;;   global.get $literal-7
;;   struct.get $symbol 3
;;   local.set 4
;;   local.get 4
;;   local.get 4
;;   struct.get $function 0
;;   call_indirect (type 24)
;;   local.set 6
;;   ref.null $function
;;   local.get 2
;;   local.get 3
;;   local.get 6
;;   local.get 5
;;   global.get $unsupplied
;;   global.get $unsupplied
;;   global.get $unsupplied
;;   global.get $unsupplied
;;   call $COMMON-LISP:POSITION
;;   return
;;   unreachable
;; )
