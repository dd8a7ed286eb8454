;;; Constants: immediate ones in the code, others among the module's literals.
(defun an-immediate () 42)
(defun a-character () #\λ)
(defun a-symbol () 'symbol)
(defun a-double () 1.5d0)
(defun string-and-list () (eq "text" '(1 2)))
(defun a-bignum () 123456789012345678901234567890)

;;;; Compiled:
;; (func $AN-IMMEDIATE (;8;) (type 24) (param (ref null $function)) (result (ref eq))
;;   i32.const 42
;;   ref.i31
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $A-CHARACTER (;10;) (type 24) (param (ref null $function)) (result (ref eq))
;;   global.get 21
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $A-SYMBOL (;12;) (type 24) (param (ref null $function)) (result (ref eq))
;;   global.get 17
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $A-DOUBLE (;14;) (type 24) (param (ref null $function)) (result (ref eq))
;;   global.get 22
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $STRING-AND-LIST (;16;) (type 24) (param (ref null $function)) (result (ref eq))
;;   global.get 23
;;   global.get 24
;;   ref.eq
;;   if (result (ref eq)) ;; label = @1
;;     global.get 13
;;   else
;;     global.get 12
;;   end
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $A-BIGNUM (;18;) (type 24) (param (ref null $function)) (result (ref eq))
;;   global.get 25
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
