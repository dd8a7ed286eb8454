(defun get-user (id) id)
