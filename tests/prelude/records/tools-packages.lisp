;; Wherever the helper is: what is called is called.
(defpackage :low (:use :common-lisp) (:export #:send))
(defpackage :high (:use :common-lisp) (:export #:notify #:notify-all))
(in-package :low)
(defun encode (x) (clysm:call-tool "encode" x))
(defun send (x) (clysm:call-tool "send" (encode x)))
(in-package :high)
(defun notify (x) (low:send x))
(defun notify-all (list) (mapc 'low::encode list))
