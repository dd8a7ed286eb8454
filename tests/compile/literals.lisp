;;; Constants: immediate ones in the code, others among the module's literals.
(defun an-immediate () 42)
(defun a-character () #\λ)
(defun a-symbol () 'symbol)
(defun a-double () 1.5d0)
(defun string-and-list () (eq "text" '(1 2)))
(defun a-bignum () 123456789012345678901234567890)

;;;; Compiled:
;; (func $AN-IMMEDIATE (;4;) (type 24) (param (ref null $function)) (result (ref eq))
;;   i32.const 42
;;   ref.i31
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $A-CHARACTER (;6;) (type 24) (param (ref null $function)) (result (ref eq))
;;   global.get $literal-9
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $A-SYMBOL (;8;) (type 24) (param (ref null $function)) (result (ref eq))
;;   global.get $literal-5
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $A-DOUBLE (;10;) (type 24) (param (ref null $function)) (result (ref eq))
;;   global.get $literal-10
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $STRING-AND-LIST (;12;) (type 24) (param (ref null $function)) (result (ref eq))
;;   global.get $literal-11
;;   global.get $literal-12
;;   ref.eq
;;   if (result (ref eq)) ;; label = @1
;;     global.get $literal-1
;;   else
;;     global.get $literal-0
;;   end
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $A-BIGNUM (;14;) (type 24) (param (ref null $function)) (result (ref eq))
;;   global.get $literal-13
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
