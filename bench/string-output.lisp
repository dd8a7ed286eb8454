;;; A million characters are written to a string output stream.
(defun bench ()
  (length
   (with-output-to-string (stream)
     (dotimes (i 1000000)
       (write-char (code-char (+ 97 (mod i 26))) stream)))))
