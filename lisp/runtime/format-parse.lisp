;;;; Control strings of FORMAT (CLHS 22.3) as lists of strings and directives, made once and kept.

(in-package :clysm)

(defstruct (%directive (:constructor %make-directive (character colon at parameters control position)) (:copier nil)
                       (:predicate nil))
  character                             ; in upper case
  colon at
  parameters                            ; integers, characters, :ARGUMENT for V, :COUNT for #, NIL for none given
  control position                      ; the string, and where in it the directive begins
  (handler nil)                         ; the function that executes it
  (clauses '())                         ; of a directive that encloses others: lists of items
  (separators '()))                     ; and the directive that ends each clause; of ~/ the function's name

(defun %format-error (directive complaint &rest arguments)
  (%error '%format-error :complaint complaint :arguments arguments
                        :control (%directive-control directive) :position (%directive-position directive)))

(defvar *%control*)                     ; the control string being parsed
(defvar *%control-index*)
(defvar *%pretty-seen*)                 ; whether the string has a directive of pretty printing,
(defvar *%justification-seen*)          ; and a ~< ... ~>: they exclude each other (CLHS 22.3.6.2)

(defun %control-error-here (complaint &rest arguments)
  (%error '%format-error :complaint complaint :arguments arguments
                        :control *%control* :position *%control-index*))

(defun %control-char ()
  "The character at the current position; an error at the end of the string."
  (if (< *%control-index* (length *%control*))
      (char *%control* *%control-index*)
      (%control-error-here "the string ends within a directive")))

(defun %control-next ()
  (prog1 (%control-char) (setq *%control-index* (1+ *%control-index*))))

;;; Directives.

(defun %parse-parameter ()
  "Takes one prefix parameter; :NONE if there is none."
  (let ((c (%control-char)))
    (cond ((char= c #\') (%control-next) (%control-next))
          ((or (char= c #\v) (char= c #\V)) (%control-next) :argument)
          ((char= c #\#) (%control-next) :count)
          ((or (digit-char-p c) (char= c #\+) (char= c #\-))
           (multiple-value-bind (integer end)
               (parse-integer *%control* :start *%control-index* :junk-allowed t)
             (unless integer (%control-error-here "a sign without a number"))
             (setq *%control-index* end)
             integer))
          (t :none))))

(defun %parse-parameters ()
  (let ((parameters '()))
    (do () (nil)
      (let* ((parameter (%parse-parameter))
             (comma (char= (%control-char) #\,)))
        (cond (comma (%control-next)
                     (push (if (eq parameter :none) nil parameter) parameters))
              (t (unless (eq parameter :none) (push parameter parameters))
                 (return (nreverse parameters))))))))

(defun %parse-directive ()
  "Takes the directive after the tilde at the current position."
  (let ((position *%control-index*) (colon nil) (at nil))
    (%control-next)
    (let ((parameters (%parse-parameters)))
      (do ((c (%control-char) (%control-char)))
          ((not (or (char= c #\:) (char= c #\@))))
        (when (if (char= c #\:) colon at) (%control-error-here "the modifier ~C occurs twice" c))
        (if (char= c #\:) (setq colon t) (setq at t))
        (%control-next))
      (let ((directive (%make-directive (char-upcase (%control-next)) colon at parameters *%control* position)))
        (%check-directive directive)
        directive))))

(defun %parameter-limit (character)
  "How many parameters the directive CHARACTER takes; NIL for any number, -1 for an unknown directive."
  (case character
    ((#\A #\S #\D #\B #\O #\X #\$ #\<) 4)
    ((#\R #\F) 5)
    ((#\E #\G) 7)
    ((#\% #\& #\| #\~ #\* #\[ #\{ #\I) 1)
    ((#\T #\;) 2)
    (#\^ 3)
    ((#\P #\C #\? #\( #\) #\] #\} #\> #\W #\_ #\Newline) 0)
    (#\/ nil)
    (t -1)))

(defun %check-directive (directive)
  (let ((limit (%parameter-limit (%directive-character directive))))
    (when (eql limit -1)
      (%format-error directive "unknown directive ~~~C" (%directive-character directive)))
    (when (and limit (> (length (%directive-parameters directive)) limit))
      (%format-error directive "~~~C takes ~:[at most ~D~;no~] parameter~:P"
                     (%directive-character directive) (eql limit 0) limit))))

;;; Items.

(defun %closing-character (character)
  "The character of the directive that ends a directive CHARACTER, or NIL if that encloses nothing."
  (case character (#\( #\)) (#\[ #\]) (#\{ #\}) (#\< #\>) (t nil)))

(defun %parse-items (opening)
  "Takes strings and directives up to the end of OPENING, a directive or NIL; returns them and the directive that ended them."
  (let ((items '())
        (closing (and opening (%closing-character (%directive-character opening)))))
    (do () (nil)
      (let ((tilde (or (position #\~ *%control* :start *%control-index*) (length *%control*))))
        (when (> tilde *%control-index*)
          (push (subseq *%control* *%control-index* tilde) items))
        (setq *%control-index* tilde)
        (when (= tilde (length *%control*))
          (when opening
            (%format-error opening "~~~C has no corresponding ~~~C" (%directive-character opening) closing))
          (return (values (nreverse items) nil)))
        (let* ((directive (%parse-directive)) (c (%directive-character directive)))
          (cond ((or (eql c closing) (and closing (char= c #\;)))
                 (return (values (nreverse items) directive)))
                ((member c '(#\) #\] #\} #\> #\;) :test #'eql)
                 (%format-error directive "~~~C ends nothing" c))
                ((char= c #\newline)
                 ;; Even an empty text makes the clause of a ~{ one that isn't empty.
                 (push (%parse-newline directive) items))
                (t (%complete-directive directive)
                   (push directive items))))))))

(defun %parse-newline (directive)
  "Skips what ~Newline makes ignored; returns the text it gives."
  (unless (%directive-colon directive)
    (setq *%control-index*
          (or (position-if-not #'%control-whitespace-p *%control* :start *%control-index*)
              (length *%control*))))
  (if (%directive-at directive) (string #\newline) ""))

(defun %control-whitespace-p (c)
  (member (char-code c) '(9 10 11 12 13 32) :test #'eql))

(defun %complete-directive (directive)
  "Takes what belongs to DIRECTIVE after its character, and finds its handler."
  (let ((c (%directive-character directive)))
    (cond ((char= c #\/) (setf (%directive-separators directive) (%parse-function-name directive)))
          ((%closing-character c) (%parse-clauses directive)))
    (%note-kind directive c)
    (setf (%directive-handler directive) (%directive-handler-for directive c))))

(defun %note-kind (directive character)
  "Complains if DIRECTIVE makes the string one that mixes justification and pretty printing."
  (cond ((char= character #\<)
         (if (%directive-colon (%end-of-block directive))
             (setq *%pretty-seen* t)
             (setq *%justification-seen* t)))
        ((or (member character '(#\W #\_ #\I) :test #'eql)
             (and (char= character #\T) (%directive-colon directive)))
         (setq *%pretty-seen* t)))
  (when (and *%pretty-seen* *%justification-seen*)
    (%format-error directive "~~< ... ~~> can't be used with ~~W, ~~_, ~~I, ~~:T or ~~< ... ~~:>")))

(defun %parse-function-name (directive)
  "Takes name/ and returns the symbol it names (CLHS 22.3.5.4). A name that was never interned names no function."
  (let ((end (position #\/ *%control* :start *%control-index*)))
    (unless end (%format-error directive "~~/ has no corresponding /"))
    (let* ((name (string-upcase (subseq *%control* *%control-index* end)))
           (colon (position #\: name))
           (package (if colon (find-package (subseq name 0 colon)) (find-package "COMMON-LISP-USER"))))
      (unless package (%format-error directive "there is no package ~S" (subseq name 0 colon)))
      (setq *%control-index* (1+ end))
      (let ((name (cond ((null colon) name)
                        ((and (< (1+ colon) (length name)) (char= (char name (1+ colon)) #\:))
                         (subseq name (+ colon 2)))
                        (t (subseq name (1+ colon))))))
        (multiple-value-bind (symbol status) (%find-symbol name (%string-hash name) package)
          (if status symbol (%error 'undefined-function :name (make-symbol name))))))))

(defun %parse-clauses (directive)
  (let ((clauses '()) (separators '()) (c (%directive-character directive)))
    (do () (nil)
      (multiple-value-bind (items separator) (%parse-items directive)
        (push items clauses)
        (push separator separators)
        (unless (char= (%directive-character separator) #\;) (return nil))
        (when (member c '(#\( #\{) :test #'eql)
          (%format-error separator "~~; is not allowed within ~~~C" c))))
    (setf (%directive-clauses directive) (nreverse clauses)
          (%directive-separators directive) (nreverse separators))))

(defun %end-of-block (directive)
  "The directive that closes DIRECTIVE."
  (car (last (%directive-separators directive))))

;;; Parsed strings are kept, up to a limit.

(defglobal *%parsed-controls* nil)

(defun %parse-control (string)
  "The items of the control STRING, newly made."
  (let ((*%control* string) (*%control-index* 0) (*%pretty-seen* nil) (*%justification-seen* nil))
    (values (%parse-items nil))))

(defun %control-items (string)
  (unless *%parsed-controls* (setq *%parsed-controls* (make-hash-table :test #'equal)))
  (or (gethash string *%parsed-controls*)
      (let* ((key (copy-seq string)) (items (%parse-control key)))
        (when (>= (hash-table-count *%parsed-controls*) 1000) (clrhash *%parsed-controls*))
        (setf (gethash key *%parsed-controls*) items))))
