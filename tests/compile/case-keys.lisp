;;; The keys of a case: symbols and characters by identity, integers by value.
(defun name-of (key)
  (case key
    ((nil) :nothing)
    (a :letter)
    (#\b :character)
    ((0 1 2) :small)
    (t :other)))

;;;; Compiled:
;; (func $NAME-OF (;4;) (type 25) (param (ref null $function) (ref eq)) (result (ref eq))
;;   (local (ref eq))
;;   local.get 1
;;   local.set 2
;;   block ;; label = @1
;;     block ;; label = @2
;;       local.get 2
;;       global.get $literal-0
;;       ref.eq
;;       i32.eqz
;;       br_if 0 (;@2;)
;;       global.get $literal-3
;;       i32.const 1
;;       global.set $value-count
;;       return
;;       br 1 (;@1;)
;;     end
;;     block ;; label = @2
;;       block ;; label = @3
;;         local.get 2
;;         global.get $literal-4
;;         ref.eq
;;         i32.eqz
;;         br_if 0 (;@3;)
;;         global.get $literal-5
;;         i32.const 1
;;         global.set $value-count
;;         return
;;         br 1 (;@2;)
;;       end
;;       block ;; label = @3
;;         block ;; label = @4
;;           local.get 2
;;           global.get $literal-9
;;           ref.eq
;;           i32.eqz
;;           br_if 0 (;@4;)
;;           global.get $literal-6
;;           i32.const 1
;;           global.set $value-count
;;           return
;;           br 1 (;@3;)
;;         end
;;         block ;; label = @4
;;           block ;; label = @5
;;             block ;; label = @6
;;               block ;; label = @7
;;                 local.get 2
;;                 i32.const 0
;;                 ref.i31
;;                 ref.eq
;;                 i32.eqz
;;                 br_if 0 (;@7;)
;;                 br 1 (;@6;)
;;               end
;;               block ;; label = @7
;;                 block ;; label = @8
;;                   local.get 2
;;                   i32.const 1
;;                   ref.i31
;;                   ref.eq
;;                   i32.eqz
;;                   br_if 0 (;@8;)
;;                   br 1 (;@7;)
;;                 end
;;                 local.get 2
;;                 i32.const 2
;;                 ref.i31
;;                 ref.eq
;;                 i32.eqz
;;                 br_if 2 (;@5;)
;;               end
;;             end
;;             global.get $literal-7
;;             i32.const 1
;;             global.set $value-count
;;             return
;;             br 1 (;@4;)
;;           end
;;           global.get $literal-8
;;           i32.const 1
;;           global.set $value-count
;;           return
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
