;;;; Function bodies: code with the linker's places filled in. Mirrors module/body.rs.

(in-package :clysm-compiler)

(defun encode-body (function buffer fill)
  "Writes a body as the code section holds it, without its size, to an empty buffer; FILL is called with what belongs at a place,
and writes it. Returns the positions, now in the body."
  (let ((code (compiled-function-code function))
        (pending (compiled-function-positions function))
        (positions '())
        (copied 0))
    (declare (type fixnum copied))
    (encode-locals (compiled-function-locals function) buffer)
    (flet ((take-positions (offset)
             (loop while (and pending (or (null offset) (<= (car (first pending)) offset)))
                   do (let ((position (pop pending)))
                        (push (cons (+ (buffer-length buffer) (- (car position) copied)) (cdr position)) positions)))))
      (loop for (offset . target) in (compiled-function-relocations function)
            do (take-positions offset)
               (put-octets code copied offset buffer)
               (setq copied offset)
               (funcall fill target))
      (take-positions nil))
    (put-octets code copied (length code) buffer)
    (put-octet #x0b buffer)
    (nreverse positions)))

(defun encode-locals (locals buffer)
  "Local declarations, runs of one type together."
  (let ((runs '()))
    (dolist (type locals)
      (if (and runs (equal (cdr (first runs)) type))
          (incf (car (first runs)))
          (push (cons 1 type) runs)))
    (put-unsigned (length runs) buffer)
    (loop for (count . type) in (reverse runs)
          do (put-unsigned count buffer)
             (put-value-type type buffer))))
