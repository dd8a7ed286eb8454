;;; Several values that are known where they are bound need no list.
(defun swapped (x y)
  (multiple-value-bind (a b) (values y x)
    (cons a b)))

(defun quotient-and-remainder (x y)
  (multiple-value-bind (quotient remainder) (floor x y)
    (list quotient remainder)))

(defun two (x)
  (values x x))

;;;; Compiled:
;; (func $SWAPPED (;5;) (type 26) (param (ref null $function) (ref eq) (ref eq)) (result (ref eq))
;;   (local (ref eq) (ref eq) (ref eq))
;;   local.get 2
;;   local.set 3
;;   local.get 1
;;   local.set 4
;;   local.get 3
;;   local.set 5
;;   local.get 4
;;   local.set 3
;;   local.get 5
;;   local.get 3
;;   i32.const 0
;;   struct.new $cons
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $QUOTIENT-AND-REMAINDER (;7;) (type 26) (param (ref null $function) (ref eq) (ref eq)) (result (ref eq))
;;   (local (ref eq) (ref eq))
;;   ref.null $function
;;   local.get 1
;;   local.get 2
;;   call $COMMON-LISP:FLOOR
;;   local.set 3
;;   global.get $value-count
;;   i32.const 1
;;   i32.gt_s
;;   if (result (ref eq)) ;; label = @1
;;     global.get $value-vector
;;     i32.const 1
;;     array.get $simple-vector
;;   else
;;     global.get $literal-0
;;   end
;;   local.set 4
;;   local.get 3
;;   local.get 4
;;   global.get $literal-0
;;   i32.const 0
;;   struct.new $cons
;;   i32.const 0
;;   struct.new $cons
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $TWO (;9;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   (local (ref eq) (ref eq))
;;   local.get 1
;;   local.set 2
;;   local.get 1
;;   local.set 3
;;   global.get $value-vector
;;   i32.const 1
;;   local.get 3
;;   array.set $simple-vector
;;   i32.const 2
;;   global.set $value-count
;;   local.get 2
;;   return
;;   unreachable
;; )
