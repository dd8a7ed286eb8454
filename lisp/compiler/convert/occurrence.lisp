;;;; Where in a form a symbol stands. Symbols carry no position of their own, but the conses that hold them do; so their places are
;;;; looked for when a diagnostic needs one, and cost nothing before.

(in-package :clysm-compiler)

(defconstant +visited+ 10000
  "The conses that a search visits at most: literal data in a form may be circular.")

(defun occurrence (form symbol)
  "The place of the first occurrence of SYMBOL in FORM; NIL if it does not occur, or only where no place is known. The first
element of a list has the list's own place, so that it is the list that is found."
  (let ((pending (list form)))
    (dotimes (visited +visited+ nil)
      (when (null pending) (return nil))
      (let ((datum (pop pending)))
        (when (consp datum)
          (let ((span (and (eq (car datum) symbol) (span-of datum))))
            (when span (return span)))
          (push (cdr datum) pending)
          (push (car datum) pending))))))
