(handler-case (orders:order 700)
  (orders:no-such-order (condition)
    (format t "~D: ~A~%" (orders:order-id condition) condition)))
(orders:order 800)
