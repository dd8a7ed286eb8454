;;;; Characters (CLHS 13).
(setq *print-pretty* nil)

(defmacro show (&rest forms)
  "Prints the values of each of FORMS on a line, or the kind of error that it signals."
  `(progn
     ,@(mapcar (lambda (form)
                 `(format t "~{~S~^ ~}~%"
                          (handler-case (multiple-value-list ,form)
                            (type-error () (list :type-error))
                            (package-error () (list :package-error))
                            (program-error () (list :program-error))
                            (unbound-variable () (list :unbound-variable))
                            (undefined-function () (list :undefined-function))
                            (error () (list :error)))))
               forms)))

(defun described (code)
  "What the predicates and conversions say about the character with the code CODE."
  (let ((c (code-char code)))
    (list code (char-name c) (mapcar (lambda (f) (if (funcall f c) 1 0))
                           (list #'alpha-char-p #'alphanumericp #'upper-case-p #'lower-case-p #'both-case-p #'standard-char-p))
          (char-code (char-upcase c)) (char-code (char-downcase c)) (digit-char-p c) (digit-char-p c 16) (digit-char-p c 36))))

(dotimes (code 127)
  (let ((description (described code)))
    ;; Graphic characters need no name.
    (when (< 32 code)
      (setf (second description) nil))
    (format t "~S~%" description)))
;; Beyond ASCII: Latin, Greek, Cyrillic, digits of other scripts, letters without case, symbols.
(dolist (code '(#xAA #xB5 #xC0 #xD7 #xDF #xE0 #xF7 #xFF #x100 #x101 #x130 #x131 #x178 #x17F #x1C4 #x1C6 #x250 #x391 #x3B1 #x3C2 #x3C3 #x410 #x430 #x451 #x531 #x561
                #x5D0 #x661 #x6F9 #x966 #x10A0 #x2D00 #x1E00 #x1E01 #x1E9E #x2126 #x212A #x2160 #x2460 #x24B6 #x3042 #x4E00 #xAC00 #xFF21 #xFF41 #xFF15 #x10400 #x10428 #x1D7CE #x1F600))
  (let ((description (described code)))
    (setf (second description) nil)
    (format t "~S~%" description)))

(show (characterp #\a) (characterp 97) (char-code #\A) (char-int #\A) (code-char 97) (code-char #x110000) (code-char -1) (code-char 'a) char-code-limit
      (character "x") (character 'y) (character #\z) (character "xy") (character "") (character 5)
      (digit-char 7) (digit-char 10) (digit-char 10 16) (digit-char 35 36) (digit-char 36 36) (digit-char 1 2) (digit-char 2 2) (digit-char -1)
      (digit-char 1 1) (digit-char 1 37) (digit-char 'a) (digit-char-p #\5 4) (digit-char-p #\3 4) (digit-char-p #\a 1) (digit-char-p 5)
      (char-upcase #\a) (char-upcase 5) (char-downcase "A") (alpha-char-p nil) (graphic-char-p #\a) (graphic-char-p #\Space) (graphic-char-p #\Newline)
      (graphic-char-p (code-char 127)) (eql #\a #\a) (equalp #\a #\A))
(show (name-char "newline") (char-code (name-char "SPACE")) (name-char 'tab) (name-char "Rubout") (name-char "linefeed") (name-char "Page") (name-char "return")
      (name-char "backspace") (name-char "no such name") (name-char "") (name-char 5)
      (char-code (name-char "Null")) (char-code (name-char "esc")) (char-code (name-char "U1F600"))
      (loop for code below 256
            for c = (code-char code)
            always (or (null (char-name c)) (eql c (name-char (char-name c))))))

(defvar *characters* (list #\a #\A #\b #\B #\0 #\9))
(dolist (f '(char= char/= char< char> char<= char>= char-equal char-not-equal char-lessp char-greaterp char-not-greaterp char-not-lessp))
  (format t "~S ~S~%" f
          (loop for a in *characters*
                collect (loop for b in *characters*
                              collect (if (funcall f a b) 1 0))))
  (format t "~S~%" (list (funcall f #\m) (funcall f #\a #\b #\c) (funcall f #\c #\b #\a) (funcall f #\a #\A #\a) (funcall f #\b #\b #\b) (funcall f #\a #\c #\b)
                         (funcall f #\a #\b #\A #\B))))
(show (char= 'a) (char= #\a 5) (char< #\a "b") (char/= #\a #\b nil) (char-equal #\a #\A 65))
