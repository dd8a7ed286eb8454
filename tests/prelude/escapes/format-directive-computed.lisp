;;; hope: a control string that is put together is not seen
;;; expect: run
;;; contains: maintain
;;; calls:
(format nil (concatenate 'string "~/vault:" "maintain/") 1)
