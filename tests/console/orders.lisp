;;; A prelude with a condition type, and an operation of a server.
(defpackage :orders (:use :common-lisp) (:export #:order #:pay #:no-such-order #:order-id))
(in-package :orders)

(define-condition no-such-order (error)
  ((id :initarg :id :reader order-id))
  (:report (lambda (condition stream) (format stream "There is no order ~D." (order-id condition)))))

(defun order (id)
  "The order with that id."
  (or (and (< id 100) (clysm:call-tool "get_order" :id id))
      (error 'no-such-order :id id)))

(defun pay (id)
  "Pays an order."
  (clysm:call-upstream "bank" "transfer" :amount (getf (order id) :amount)))
