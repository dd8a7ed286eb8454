;;; Type tests on final types are single instructions.
(defun kind-of (x)
  (cond ((consp x) :cons)
        ((symbolp x) :symbol)
        ((characterp x) :character)
        ((functionp x) :function)
        ((simple-vector-p x) :vector)
        (t :other)))

;;;; Compiled:
;; (func $KIND-OF (;4;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   (local (ref $cons) (ref $symbol) (ref $character) (ref $function) (ref $simple-vector))
;;   block ;; label = @1
;;     block ;; label = @2
;;       block (result (ref eq)) ;; label = @3
;;         local.get 1
;;         br_on_cast_fail 0 (;@3;) (ref eq) (ref $cons)
;;         local.set 2
;;         global.get $literal-3
;;         i32.const 1
;;         global.set $value-count
;;         return
;;         br 2 (;@1;)
;;       end
;;       drop
;;     end
;;     block ;; label = @2
;;       block ;; label = @3
;;         block (result (ref eq)) ;; label = @4
;;           local.get 1
;;           br_on_cast_fail 0 (;@4;) (ref eq) (ref $symbol)
;;           local.set 3
;;           global.get $literal-4
;;           i32.const 1
;;           global.set $value-count
;;           return
;;           br 2 (;@2;)
;;         end
;;         drop
;;       end
;;       block ;; label = @3
;;         block ;; label = @4
;;           block (result (ref eq)) ;; label = @5
;;             local.get 1
;;             br_on_cast_fail 0 (;@5;) (ref eq) (ref $character)
;;             local.set 4
;;             global.get $literal-5
;;             i32.const 1
;;             global.set $value-count
;;             return
;;             br 2 (;@3;)
;;           end
;;           drop
;;         end
;;         block ;; label = @4
;;           block ;; label = @5
;;             block (result (ref eq)) ;; label = @6
;;               local.get 1
;;               br_on_cast_fail 0 (;@6;) (ref eq) (ref $function)
;;               local.set 5
;;               global.get $literal-6
;;               i32.const 1
;;               global.set $value-count
;;               return
;;               br 2 (;@4;)
;;             end
;;             drop
;;           end
;;           block ;; label = @5
;;             block ;; label = @6
;;               block (result (ref eq)) ;; label = @7
;;                 local.get 1
;;                 br_on_cast_fail 0 (;@7;) (ref eq) (ref $simple-vector)
;;                 local.set 6
;;                 global.get $literal-7
;;                 i32.const 1
;;                 global.set $value-count
;;                 return
;;                 br 2 (;@5;)
;;               end
;;               drop
;;             end
;;             global.get $literal-8
;;             i32.const 1
;;             global.set $value-count
;;             return
;;           end
;;           unreachable
;;         end
;;         unreachable
;;       end
;;       unreachable
;;     end
;;     unreachable
;;   end
;;   unreachable
;;   unreachable
;; )
