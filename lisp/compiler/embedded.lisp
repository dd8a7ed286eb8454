;;;; The texts that this compiler was made of, which its module keeps: the library is compiled from them for each program. Paths
;;;; and texts travel as octets in the form that link-static-sources writes.

(in-package :clysm-compiler)

(defun decode-sources (octets)
  "The list of (PATH . TEXT) that OCTETS hold."
  (let ((position 0) (sources '()))
    (flet ((next-length ()
             (prog1 (loop for i below 4
                          sum (ash (aref octets (+ position i)) (* 8 i)))
               (incf position 4)))
           (next-text (length)
             (prog1 (clysm::%octets-string octets position (+ position length))
               (incf position length))))
      (loop
        (when (>= position (length octets)) (return (nreverse sources)))
        (let* ((path-length (next-length))
               (text-length (next-length))
               (path (next-text path-length)))
          (push (cons path (next-text text-length)) sources))))))

(defvar *embedded-sources* '()
  "The texts that the image was made of, once they are asked for.")

(defun embedded-sources ()
  "The list of (PATH . TEXT) that the image was made of, in load order."
  (or *embedded-sources*
      (setq *embedded-sources* (decode-sources (clysm::%static-sources)))))

(defun library-path-p (path)
  "Whether a file is one of the library, without the compiler's."
  (search "lisp/runtime/" path))

(defun kept-text (path text)
  "What is kept of a text: the library's own, which programs are compiled after; of others it is enough to know whether they have
changed."
  (if (library-path-p path)
      text
      (checksum text)))

(defun checksum (text)
  "A text that differs for texts that differ, but for accidents."
  (let ((buffer (make-buffer)) (first 0) (second 0))
    (declare (type fixnum first second))
    (put-utf8 text buffer)
    (let ((octets (buffer-octets buffer)))
      (declare (type (simple-array (unsigned-byte 8) (*)) octets))
      (dotimes (i (buffer-length buffer))
        (let ((octet (aref octets i)))
          (setq first (rem (+ (* first 31) octet) 16777213)
                second (rem (+ (* second 37) octet) 16777183)))))
    (format nil "~D ~D ~D" (buffer-length buffer) first second)))

(defun embedded-library ()
  "Those of the library, without the compiler's: what programs are compiled after."
  (remove-if-not (lambda (source) (library-path-p (car source))) (embedded-sources)))
