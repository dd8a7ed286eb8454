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

(defun embedded-library ()
  "Those of the library, without the compiler's: what programs are compiled after."
  (remove-if-not (lambda (source) (search "lisp/runtime/" (car source))) (embedded-sources)))
