;;; CAR and CDR inline: NIL and conses by type test, the error in the library.
(defun second-of (list)
  (car (cdr list)))

(defun set-first (cons x)
  (setf (car cons) x))

;;;; Compiled:
;; (func $SECOND-OF (;7;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   (local (ref eq))
;;   block (result (ref eq)) ;; label = @1
;;     block (result (ref eq)) ;; label = @2
;;       block (result (ref eq)) ;; label = @3
;;         block (result (ref eq)) ;; label = @4
;;           local.get 1
;;           br_on_cast_fail 0 (;@4;) (ref eq) (ref $cons)
;;           struct.get $cons 1
;;           br 1 (;@3;)
;;         end
;;         local.set 2
;;         ref.null $function
;;         local.get 2
;;         call $COMMON-LISP:CDR
;;       end
;;       br_on_cast_fail 0 (;@2;) (ref eq) (ref $cons)
;;       struct.get $cons 0
;;       br 1 (;@1;)
;;     end
;;     local.set 2
;;     ref.null $function
;;     local.get 2
;;     call $COMMON-LISP:CAR
;;   end
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
;; (func $SET-FIRST (;9;) (type 26) (param (ref null $function) (ref eq) (ref eq)) (result (ref eq))
;;   (local (ref eq) (ref eq) (ref eq) (ref eq))
;;   local.get 1
;;   local.set 3
;;   local.get 2
;;   local.set 4
;;   local.get 4
;;   local.set 5
;;   local.get 3
;;   local.set 6
;;   block ;; label = @1
;;     block (result (ref eq)) ;; label = @2
;;       local.get 6
;;       br_on_cast_fail 0 (;@2;) (ref eq) (ref $cons)
;;       local.get 5
;;       struct.set $cons 0
;;       br 1 (;@1;)
;;     end
;;     drop
;;     ref.null $function
;;     local.get 5
;;     local.get 6
;;     call $"(SETF COMMON-LISP:CAR)"
;;     drop
;;   end
;;   local.get 5
;;   i32.const 1
;;   global.set $value-count
;;   return
;;   unreachable
;; )
