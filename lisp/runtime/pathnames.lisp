;;;; Pathnames (CLHS 19): objects, components, parsing and printing of namestrings.
;;;;
;;;; Pathnames are interned by their components, so that EQUAL ones are EQ.  The host of a physical pathname is
;;;; :UNSPECIFIC, that of a logical one its name in upper case.  A component with wildcards inside is a PATHNAME-PATTERN.

(in-package :clysm)

(defun %readable-pathname-p (pathname)
  "Whether the namestring of PATHNAME is read as PATHNAME: not so that of one with a type but no name, for one."
  (eq (ignore-errors (parse-namestring (namestring pathname) (%pathname-host pathname))) pathname))

(defun %print-pathname (pathname stream depth)
  (declare (ignore depth))
  (when (and *print-readably* (not (%readable-pathname-p pathname)))
    (%check-readable pathname))
  (cond ((or *print-escape* *print-readably*)
         (write-string "#P" stream)
         (prin1 (namestring pathname) stream))
        (t (write-string (namestring pathname) stream))))

(defun %print-pathname-pattern (pattern stream depth)
  (declare (ignore depth))
  (print-unreadable-object (pattern stream :type t)
    (prin1 (pathname-pattern-text pattern) stream)))

(defstruct (pathname (:constructor %make-pathname (host device directory name type version))
                     (:predicate pathnamep) (:copier nil) (:conc-name %pathname-)
                     (:print-function %print-pathname))
  host device directory name type version)

(defstruct (logical-pathname (:include pathname)
                             (:constructor %make-logical-pathname (host device directory name type version))
                             (:copier nil) (:conc-name %pathname-) (:print-function %print-pathname)))

(defstruct (pathname-pattern (:constructor %make-pathname-pattern (text)) (:copier nil)
                             (:print-function %print-pathname-pattern))
  text)                     ; as in a namestring: * ? [set], and \ before a character that stands for itself

(defglobal *pathnames* (make-hash-table :test #'equal))
(defglobal *pathname-patterns* (make-hash-table :test #'equal))
(defglobal *logical-hosts* (make-hash-table :test #'equal))   ; name -> list of (from to), pathnames

(defun %intern-pathname (host device directory name type version)
  (let ((key (list host device directory name type version)))
    (or (gethash key *pathnames*)
        (setf (gethash key *pathnames*)
              (if (stringp host)
                  (%make-logical-pathname host device directory name type version)
                  (%make-pathname host device directory name type version))))))

(defun %intern-pattern (text)
  (or (gethash text *pathname-patterns*)
      (setf (gethash text *pathname-patterns*) (%make-pathname-pattern text))))

(defvar *default-pathname-defaults*)
(setq *default-pathname-defaults* (%intern-pathname :unspecific nil nil nil nil nil))

(define-condition namestring-parse-error (parse-error)
  ((complaint :initarg :complaint :reader %namestring-complaint)
   (namestring :initarg :namestring :reader %namestring-text)
   (offset :initarg :offset :reader %namestring-offset))
  (:report (lambda (condition stream)
             (format stream "Parse error in the namestring ~S at ~D: ~A." (%namestring-text condition)
                     (%namestring-offset condition) (%namestring-complaint condition)))))

;;; Physical namestrings: /directory/…/name.type

(defun %unescaped-position (characters string start end)
  "The first of CHARACTERS in STRING from START to END that no backslash precedes, or NIL."
  (let ((i start))
    (loop
      (cond ((>= i end) (return nil))
            ((char= (char string i) #\\) (setq i (+ i 2)))
            ((find (char string i) characters) (return i))
            (t (setq i (+ i 1)))))))

(defun %unescape (string start end)
  (with-output-to-string (out)
    (do ((i start (+ i 1)))
        ((>= i end))
      (when (and (char= (char string i) #\\) (< (+ i 1) end))
        (setq i (+ i 1)))
      (write-char (char string i) out))))

(defun %escape (string characters)
  (if (find-if (lambda (character) (find character characters)) string)
      (with-output-to-string (out)
        (dotimes (i (length string))
          (let ((character (char string i)))
            (when (find character characters) (write-char #\\ out))
            (write-char character out))))
      string))

(defun %parse-piece (string start end)
  "A component: a string, :WILD or a pattern."
  (cond ((not (%unescaped-position "*?[" string start end)) (%unescape string start end))
        ((and (= (- end start) 1) (char= (char string start) #\*)) :wild)
        (t (%intern-pattern (subseq string start end)))))

(defun %parse-directory-piece (string start end)
  (cond ((string= string ".." :start1 start :end1 end) :up)
        ((string= string "**" :start1 start :end1 end) :wild-inferiors)
        (t (%parse-piece string start end))))

(defun %last-unescaped-dot (string start end)
  (let ((dot nil) (from start))
    (loop
      (let ((next (%unescaped-position "." string from end)))
        (when (null next) (return dot))
        (setq dot next
              from (+ next 1))))))

(defun %parse-file-pieces (string start end)
  "Two values, name and type.  The dot that begins a name belongs to it."
  (if (= start end)
      (values nil nil)
      (let ((dot (%last-unescaped-dot string start end)))
        (if (and dot (> dot start))
            (values (%parse-piece string start dot) (%parse-piece string (+ dot 1) end))
            (values (%parse-piece string start end) nil)))))

(defun %parse-physical (string start end)
  (let ((directory '())
        (from start))
    (loop
      (let ((slash (%unescaped-position "/" string from end)))
        (when (null slash) (return))
        (cond ((= slash start) (push :absolute directory))
              (t (when (null directory) (push :relative directory))
                 (unless (or (= slash from) (string= string "." :start1 from :end1 slash))
                   (push (%parse-directory-piece string from slash) directory))))
        (setq from (+ slash 1))))
    (when (equal directory '(:relative)) (setq directory nil))
    (multiple-value-bind (name type) (%parse-file-pieces string from end)
      (%intern-pathname :unspecific nil (nreverse directory) name type nil))))

;;; Logical namestrings: HOST:DIRECTORY;…;NAME.TYPE.VERSION (CLHS 19.3.1)

(defun %logical-error (string offset complaint)
  (%error 'namestring-parse-error :namestring string :offset offset :complaint complaint))

(defun %parse-logical-word (string start end)
  (let ((word (string-upcase (subseq string start end))))
    (dotimes (i (length word))
      (let ((character (char word i)))
        (unless (or (alphanumericp character) (find character "-*"))
          (%logical-error string (+ start i) "a logical pathname has letters, digits, - and * only"))))
    (cond ((string= word "") (%logical-error string start "a word is missing"))
          ((string= word "*") :wild)
          ((find #\* word) (%intern-pattern word))
          (t word))))

(defun %parse-logical-version (string start end)
  (let ((word (subseq string start end)))
    (cond ((string= word "*") :wild)
          ((string-equal word "NEWEST") :newest)
          ((and (string/= word "") (every #'digit-char-p word)) (parse-integer word))
          (t (%logical-error string start "a version is *, NEWEST or a number")))))

(defun %parse-logical-file (host directory string start end)
  (let* ((dot (position #\. string :start start :end end))
         (second (and dot (position #\. string :start (+ dot 1) :end end))))
    (%intern-pathname host :unspecific directory
                      (if (= start (or dot end)) nil (%parse-logical-word string start (or dot end)))
                      (and dot (%parse-logical-word string (+ dot 1) (or second end)))
                      (and second (%parse-logical-version string (+ second 1) end)))))

(defun %parse-logical (host string start end)
  (let* ((relative (and (< start end) (char= (char string start) #\;)))
         (from (if relative (+ start 1) start))
         (directory '()))
    (loop
      (let ((semicolon (position #\; string :start from :end end)))
        (when (null semicolon) (return))
        (push (if (string= string "**" :start1 from :end1 semicolon)
                  :wild-inferiors
                  (%parse-logical-word string from semicolon))
              directory)
        (setq from (+ semicolon 1))))
    (%parse-logical-file host
                         (cond (relative (cons :relative (nreverse directory)))
                               (t (cons :absolute (nreverse directory))))
                         string from end)))

(defun %logical-prefix (string start end)
  "The logical host that STRING names before its first colon, upper case, and the index after the colon; or NIL."
  (let ((colon (position #\: string :start start :end end)))
    (if colon
        (let ((host (string-upcase (subseq string start colon))))
          (if (nth-value 1 (gethash host *logical-hosts*))
              (values host (+ colon 1))
              (values nil start)))
        (values nil start))))

(defun %checked-host (host)
  "HOST as a component: the name of a known logical host, or :UNSPECIFIC."
  (cond ((member host '(nil :unspecific)) host)
        ((and (stringp host) (string= host "")) :unspecific)
        ((and (stringp host) (nth-value 1 (gethash (string-upcase host) *logical-hosts*)))
         (string-upcase host))
        ((stringp host) (%error "~S is not a logical host." host))
        (t (%type-error host '(or string (member nil :unspecific))))))

(defun %parse-namestring (string start end host default-host)
  (multiple-value-bind (prefix from) (%logical-prefix string start end)
    (when (and prefix host (not (equal prefix host)))
      (%error "The namestring ~S has the host ~S, not ~S." string prefix host))
    (let ((host (or prefix host default-host)))
      (if (stringp host)
          (%parse-logical host string from end)
          (%parse-physical string start end)))))

(defun %parse-checked (string start end host default-host junk-allowed)
  "The pathname, or NIL where JUNK-ALLOWED excuses an error, and where parsing stopped."
  (if junk-allowed
      (handler-case (values (%parse-namestring string start end host default-host) end)
        (namestring-parse-error (condition)
          (values nil (%namestring-offset condition))))
      (values (%parse-namestring string start end host default-host) end)))

(defun parse-namestring (thing &optional host (default-pathname *default-pathname-defaults*)
                               &key (start 0) end junk-allowed)
  (let ((host (%checked-host host)))
    (cond ((stringp thing)
           (let ((end (%sequence-end start end (length thing))))
             (%parse-checked (coerce thing 'simple-string) start end host
                             (%pathname-host (pathname default-pathname)) junk-allowed)))
          (t (let ((pathname (pathname thing)))
               (when (and host (not (equal host (%pathname-host pathname))))
                 (%error "The pathname ~S does not have the host ~S." pathname host))
               (values pathname start))))))

(defun %stream-pathname (stream)
  (do ((target stream (%synonym-target target)))
      ((not (synonym-stream-p target))
       (if (file-stream-p target)
           (%fd-pathname target)
           (%type-error stream '(or string pathname file-stream))))))

(defun pathname (pathspec)
  (cond ((pathnamep pathspec) pathspec)
        ((stringp pathspec) (values (parse-namestring pathspec)))
        ((streamp pathspec) (%stream-pathname pathspec))
        (t (%type-error pathspec '(or string pathname file-stream)))))

;;; Namestrings of pathnames

(defun %piece-namestring (piece logical-p)
  (cond ((stringp piece) (if logical-p piece (%escape piece "*?[\\")))
        ((eq piece :wild) "*")
        ((eq piece :wild-inferiors) "**")
        ((or (eq piece :up) (eq piece :back)) "..")
        ((pathname-pattern-p piece) (pathname-pattern-text piece))
        ((integerp piece) (%decimal-string piece))
        ((eq piece :newest) "NEWEST")
        (t (%error "~S has no namestring." piece))))

(defun %write-directory (pathname out)
  (let* ((directory (%pathname-directory pathname))
         (logical-p (logical-pathname-p pathname))
         (separator (if logical-p #\; #\/)))
    (when (consp directory)
      (when (eq (car directory) (if logical-p :relative :absolute))
        (write-char separator out))
      (dolist (piece (cdr directory))
        (write-string (%piece-namestring piece logical-p) out)
        (write-char separator out)))))

(defun %write-name (name out)
  "A dot inside a name that no type follows is escaped, or it would begin one."
  (write-string (if (and (stringp name) (find #\. name :start (min 1 (length name))))
                    (%escape-inner-dots (%piece-namestring name nil))
                    (%piece-namestring name nil))
                out))

(defun %escape-inner-dots (string)
  (with-output-to-string (out)
    (dotimes (i (length string))
      (when (and (> i 0) (char= (char string i) #\.)) (write-char #\\ out))
      (write-char (char string i) out))))

(defun %write-file (pathname out)
  (let ((name (%pathname-name pathname))
        (type (%pathname-type pathname))
        (version (%pathname-version pathname))
        (logical-p (logical-pathname-p pathname)))
    (when (and name (not (eq name :unspecific)))
      (if (or type logical-p)
          (write-string (%piece-namestring name logical-p) out)
          (%write-name name out)))
    (when (and type (not (eq type :unspecific)))
      (write-char #\. out)
      (write-string (%piece-namestring type logical-p) out)
      (when (and logical-p version)
        (write-char #\. out)
        (write-string (%piece-namestring version t) out)))))

(defun namestring (pathname)
  (let ((pathname (pathname pathname)))
    (with-output-to-string (out)
      (when (logical-pathname-p pathname)
        (write-string (%pathname-host pathname) out)
        (write-char #\: out))
      (%write-directory pathname out)
      (%write-file pathname out))))

(defun file-namestring (pathname)
  (with-output-to-string (out) (%write-file (pathname pathname) out)))

(defun directory-namestring (pathname)
  (with-output-to-string (out) (%write-directory (pathname pathname) out)))

(defun host-namestring (pathname)
  (let ((host (%pathname-host (pathname pathname))))
    (if (stringp host) host "")))

(defun %relative-directory (directory base)
  "DIRECTORY without the leading part that BASE is, or DIRECTORY itself when BASE does not begin it."
  (if (and (consp directory) (consp base)
           (eq (car directory) :absolute)
           (<= (length base) (length directory))
           (equal base (subseq directory 0 (length base))))
      (let ((rest (nthcdr (length base) directory)))
        (if rest (cons :relative rest) nil))
      directory))

(defun enough-namestring (pathname &optional (defaults *default-pathname-defaults*))
  (let ((pathname (pathname pathname)) (defaults (pathname defaults)))
    (namestring
     (%intern-pathname (%pathname-host pathname)
                       (%pathname-device pathname)
                       (%relative-directory (%pathname-directory pathname) (%pathname-directory defaults))
                       (%pathname-name pathname)
                       (%pathname-type pathname)
                       (%pathname-version pathname)))))

;;; Components

(defun %swap-case (string)
  "The customary case from the local one and back (CLHS 19.2.2.1.2): only strings of one case change."
  (cond ((notany #'lower-case-p string) (string-downcase string))
        ((notany #'upper-case-p string) (string-upcase string))
        (t string)))

(defun %component-in-case (component case pathname-host)
  "COMPONENT as CASE asks for it; logical pathnames are in the customary case already."
  (cond ((eq case :local) component)
        ((not (eq case :common)) (%type-error case '(member :local :common)))
        ((stringp pathname-host) component)
        ((stringp component) (%swap-case component))
        ((consp component)
         (mapcar (lambda (piece) (if (stringp piece) (%swap-case piece) piece)) component))
        (t component)))

(defun pathname-host (pathname &key (case :local))
  (let ((pathname (pathname pathname)))
    (%component-in-case (%pathname-host pathname) case (%pathname-host pathname))))

(defun pathname-device (pathname &key (case :local))
  (let ((pathname (pathname pathname)))
    (%component-in-case (%pathname-device pathname) case (%pathname-host pathname))))

(defun pathname-directory (pathname &key (case :local))
  (let ((pathname (pathname pathname)))
    (%component-in-case (copy-list (%pathname-directory pathname)) case (%pathname-host pathname))))

(defun pathname-name (pathname &key (case :local))
  (let ((pathname (pathname pathname)))
    (%component-in-case (%pathname-name pathname) case (%pathname-host pathname))))

(defun pathname-type (pathname &key (case :local))
  (let ((pathname (pathname pathname)))
    (%component-in-case (%pathname-type pathname) case (%pathname-host pathname))))

(defun pathname-version (pathname)
  (%pathname-version (pathname pathname)))

(defun %import-piece (piece logical-p)
  (cond ((not (stringp piece)) piece)
        (logical-p (let ((string (string-upcase piece)))
                     (cond ((string= string "*") :wild)
                           ((find #\* string) (%intern-pattern string))
                           (t string))))
        (t (coerce piece 'simple-string))))

(defun %import-directory (directory logical-p)
  (cond ((member directory '(nil :unspecific)) directory)
        ((stringp directory) (list :absolute (%import-piece directory logical-p)))
        ((eq directory :wild) (list :absolute :wild-inferiors))
        ((and (consp directory) (member (car directory) '(:absolute :relative)))
         (%check-directory directory)
         (mapcar (lambda (piece) (%import-piece piece logical-p)) directory))
        (t (%type-error directory '(or string (member nil :wild :unspecific)
                                    (cons (member :absolute :relative) list))))))

(defun %check-directory (directory)
  "Signals the errors of CLHS 19.2.2.4.3: :BACK and :UP must not come first after :ABSOLUTE or after :WILD-INFERIORS."
  (do ((rest directory (cdr rest)))
      ((null rest))
    (let ((piece (car rest)))
      (unless (or (stringp piece) (pathname-pattern-p piece)
                  (member piece '(:absolute :relative :wild :wild-inferiors :up :back)))
        (%type-error piece '(or string (member :wild :wild-inferiors :up :back))))
      (when (and (member (cadr rest) '(:back :up)) (member piece '(:absolute :wild-inferiors)))
        (%file-error (%intern-pathname :unspecific nil directory nil nil nil) "~S must not follow ~S in a directory." (cadr rest) piece)))))

(defun make-pathname (&key (host nil host-p) (device nil device-p) (directory nil directory-p) (name nil name-p)
                           (type nil type-p) (version nil version-p) (defaults nil defaults-p) (case :local))
  (let* ((defaults (if (and defaults-p defaults) (pathname defaults) nil))
         (host (or (if host-p (%checked-host host) nil)
                   (%pathname-host (or defaults (pathname *default-pathname-defaults*)))))
         (logical-p (stringp host)))
    (flet ((component (value supplied-p reader)
             (cond (supplied-p (%import-piece (%component-in-case value case host) logical-p))
                   (defaults (funcall reader defaults))
                   (t nil))))
      (%intern-pathname host
                        (if logical-p :unspecific (component device device-p #'%pathname-device))
                        (if directory-p
                            (%component-in-case (%import-directory directory logical-p) case host)
                            (and defaults (%pathname-directory defaults)))
                        (component name name-p #'%pathname-name)
                        (component type type-p #'%pathname-type)
                        (component version version-p #'%pathname-version)))))

;;; Merging (CLHS MERGE-PATHNAMES)

(defun %resolve-back (directory)
  "DIRECTORY without the pieces that a following :BACK takes back."
  (let ((result '()))
    (dolist (piece directory (nreverse result))
      (if (and (eq piece :back) (or (stringp (car result)) (eq (car result) :wild) (pathname-pattern-p (car result))))
          (pop result)
          (push piece result)))))

(defun %merge-directories (directory default)
  (cond ((null directory) default)
        ((and (consp directory) (eq (car directory) :relative) (consp default))
         (%resolve-back (append default (cdr directory))))
        (t directory)))

(defun %merged-version (pathname default default-version)
  (cond ((%pathname-version pathname))
        ((%pathname-name pathname) default-version)
        ((%pathname-version default))
        (t default-version)))

(defun merge-pathnames (pathname &optional (default-pathname *default-pathname-defaults*)
                                           (default-version nil default-version-p))
  (let* ((default (pathname default-pathname))
         (pathname (let ((*default-pathname-defaults* default)) (pathname pathname)))
         (host (or (%pathname-host pathname) (%pathname-host default)))
         ;; Physical files have no versions, so that there is no newest one to name unless the caller does.
         (version (cond (default-version-p default-version)
                        ((stringp host) :newest)
                        (t nil))))
    (%intern-pathname host
                      (or (%pathname-device pathname) (%pathname-device default))
                      (%merge-directories (%pathname-directory pathname) (%pathname-directory default))
                      (or (%pathname-name pathname) (%pathname-name default))
                      (or (%pathname-type pathname) (%pathname-type default))
                      (%merged-version pathname default version))))
