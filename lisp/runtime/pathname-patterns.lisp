;;;; Wild pathnames (CLHS WILD-PATHNAME-P, PATHNAME-MATCH-P, TRANSLATE-PATHNAME) and logical hosts.

(in-package :clysm)

(defun %wild-piece-p (piece)
  (or (member piece '(:wild :wild-inferiors)) (pathname-pattern-p piece)))

(defun %wild-component-p (component)
  (if (consp component)
      (some #'%wild-piece-p component)
      (%wild-piece-p component)))

(defun wild-pathname-p (pathname &optional field-key)
  (let ((pathname (pathname pathname)))
    (flet ((wild-p (component) (if (%wild-component-p component) t nil)))
      (case field-key
        (:host (wild-p (%pathname-host pathname)))
        (:device (wild-p (%pathname-device pathname)))
        (:directory (wild-p (%pathname-directory pathname)))
        (:name (wild-p (%pathname-name pathname)))
        (:type (wild-p (%pathname-type pathname)))
        (:version (wild-p (%pathname-version pathname)))
        ((nil) (some #'wild-p (%pathname-components pathname)))
        (t (%type-error field-key '(member nil :host :device :directory :name :type :version)))))))

(defun %pathname-components (pathname)
  (list (%pathname-host pathname) (%pathname-device pathname) (%pathname-directory pathname)
        (%pathname-name pathname) (%pathname-type pathname) (%pathname-version pathname)))

;;; Matching.  A match is the list of what the wildcards stood for, in order, or :NO.

(defun %set-end (text start)
  "The index of the ] that ends the set whose [ is at START, or NIL."
  (position #\] text :start (min (+ start 2) (length text))))

(defun %in-set-p (character text start end)
  "Whether CHARACTER is in the set between START and END, which may have ranges a-z and a leading ^ or !."
  (let* ((negated (find (char text start) "^!"))
         (i (if negated (+ start 1) start))
         (found nil))
    (loop
      (when (>= i end) (return))
      (cond ((and (< (+ i 2) end) (char= (char text (+ i 1)) #\-))
             (when (char<= (char text i) character (char text (+ i 2))) (setq found t))
             (setq i (+ i 3)))
            (t (when (char= (char text i) character) (setq found t))
               (setq i (+ i 1)))))
    (if negated (not found) found)))

(defun %match-text (text i string j)
  "Matches the pattern TEXT from I with STRING from J."
  (cond ((>= i (length text)) (if (>= j (length string)) '() :no))
        ((char= (char text i) #\*) (%match-star text i string j))
        ((>= j (length string)) :no)
        (t (case (char text i)
             (#\? (%match-then (string (char string j)) (%match-text text (+ i 1) string (+ j 1))))
             (#\[ (let ((end (%set-end text i)))
                    (cond ((null end) (%match-literal text i string j))
                          ((%in-set-p (char string j) text (+ i 1) end)
                           (%match-then (string (char string j)) (%match-text text (+ end 1) string (+ j 1))))
                          (t :no))))
             (#\\ (%match-literal text (min (+ i 1) (- (length text) 1)) string j))
             (t (%match-literal text i string j))))))

(defun %match-literal (text i string j)
  (if (char= (char text i) (char string j))
      (%match-text text (+ i 1) string (+ j 1))
      :no))

(defun %match-then (piece rest)
  (if (eq rest :no) :no (cons piece rest)))

(defun %match-star (text i string j)
  "The shortest run that lets the rest match."
  (do ((k j (+ k 1)))
      ((> k (length string)) :no)
    (let ((rest (%match-text text (+ i 1) string k)))
      (unless (eq rest :no)
        (return (cons (subseq string j k) rest))))))

(defun %match-piece (wild piece)
  "Matches a component that is not a directory, or a piece of one.  NIL as WILD matches everything."
  (cond ((null wild) '())
        ((eq wild :wild) (list piece))
        ((pathname-pattern-p wild)
         (cond ((stringp piece) (%match-text (pathname-pattern-text wild) 0 piece 0))
               ((eq piece wild) (list piece))
               (t :no)))
        ((equal wild piece) '())
        (t :no)))

(defun %match-directory (wild directory)
  "Matches the pieces of directories; what :WILD-INFERIORS stands for is a list in the result."
  (cond ((null wild) (if (null directory) '() :no))
        ((eq (car wild) :wild-inferiors) (%match-inferiors wild directory))
        ((null directory) :no)
        (t (let ((first (%match-piece (car wild) (car directory))))
             (if (eq first :no)
                 :no
                 (let ((rest (%match-directory (cdr wild) (cdr directory))))
                   (if (eq rest :no) :no (append first rest))))))))

(defun %match-inferiors (wild directory)
  (let ((taken '()) (rest directory))
    (loop
      (let ((match (%match-directory (cdr wild) rest)))
        (unless (eq match :no)
          (return (cons (cons :inferiors (reverse taken)) match))))
      (when (null rest) (return :no))
      (push (pop rest) taken))))

(defun %match-directories (wild directory)
  (cond ((null wild) '())
        ((equal wild '(:relative)) (if (member directory '(nil (:relative)) :test #'equal) '() :no))
        ((consp directory) (%match-directory wild directory))
        ((equal wild '(:relative :wild-inferiors)) '((:inferiors)))
        ((equal wild '(:absolute :wild-inferiors)) '((:inferiors)))
        (t :no)))

(defun %match-host (wild host)
  (or (null wild) (equal wild host)))

(defun pathname-match-p (pathname wildcard)
  (let* ((pathname (pathname pathname))
         (wildcard (pathname wildcard)))
    (and (%match-host (%pathname-host wildcard) (%pathname-host pathname))
         (not (eq (%match-directories (%pathname-directory wildcard) (%pathname-directory pathname)) :no))
         (not (eq (%match-piece (%pathname-name wildcard) (%pathname-name pathname)) :no))
         (not (eq (%match-piece (%pathname-type wildcard) (%pathname-type pathname)) :no))
         (or (not (logical-pathname-p wildcard))
             (not (eq (%match-piece (%pathname-version wildcard) (%pathname-version pathname)) :no)))
         t)))

;;; Translation

(defun %fill-text (text pieces)
  "The pattern TEXT with its wildcards replaced by PIECES, strings; the last stays for want of others."
  (with-output-to-string (out)
    (let ((i 0))
      (loop
        (when (>= i (length text)) (return))
        (let ((character (char text i)))
          (cond ((and (find character "*?") pieces)
                 (write-string (let ((piece (pop pieces))) (if (stringp piece) piece "")) out))
                ((and (char= character #\[) pieces (%set-end text i))
                 (write-string (pop pieces) out)
                 (setq i (%set-end text i)))
                ((and (char= character #\\) (< (+ i 1) (length text)))
                 (setq i (+ i 1))
                 (write-char (char text i) out))
                (t (write-char character out))))
        (setq i (+ i 1))))))

(defun %translate-piece (source match to)
  "The component that TO makes of SOURCE, of which the wildcards matched MATCH."
  (cond ((null to) source)
        ((eq to :wild) (if match (car match) source))
        ((pathname-pattern-p to) (%fill-text (pathname-pattern-text to) match))
        (t to)))

(defun %count-wildcards (text)
  (let ((count 0) (from 0))
    (loop
      (let ((next (%unescaped-position "*?[" text from (length text))))
        (when (null next) (return count))
        (setq count (+ count 1)
              from (+ next 1))))))

(defun %translate-directory (source matches to)
  (if (null to)
      source
      (let ((result '()))
        (dolist (piece to (nreverse result))
          (cond ((eq piece :wild-inferiors)
                 (let ((match (pop matches)))
                   (dolist (inferior (if (consp match) (cdr match) (and match (list match))))
                     (push inferior result))))
                ((eq piece :wild)
                 (let ((match (pop matches)))
                   (dolist (inferior (if (consp match) (cdr match) (list (or match :wild))))
                     (push inferior result))))
                ((pathname-pattern-p piece)
                 (let ((count (%count-wildcards (pathname-pattern-text piece))) (pieces '()))
                   (dotimes (i count) (when matches (push (pop matches) pieces)))
                   (push (%fill-text (pathname-pattern-text piece) (nreverse pieces)) result)))
                (t (push piece result)))))))

(defun %localize (component)
  "What a component of a logical pathname becomes in a physical one: lower case."
  (cond ((stringp component) (string-downcase component))
        ((pathname-pattern-p component) (%intern-pattern (string-downcase (pathname-pattern-text component))))
        ((consp component) (mapcar #'%localize component))
        (t component)))

(defun %match-or-fail (match source from)
  (when (eq match :no)
    (%error "~S does not match ~S." source from))
  match)

(defun translate-pathname (source from-wildcard to-wildcard &key)
  (let* ((source (pathname source)) (from (pathname from-wildcard)) (to (pathname to-wildcard))
         (localize (if (and (logical-pathname-p source) (not (logical-pathname-p to))) #'%localize #'identity)))
    (unless (%match-host (%pathname-host from) (%pathname-host source))
      (%error "~S does not match ~S." source from))
    (flet ((component (reader)
             (let ((piece (funcall reader source)))
               (%translate-piece (funcall localize piece)
                                 (mapcar localize
                                         (%match-or-fail (%match-piece (funcall reader from) piece) source from))
                                 (funcall reader to)))))
      (%intern-pathname
       (%pathname-host to)
       (if (logical-pathname-p to) :unspecific (%pathname-device to))
       (%translate-directory (funcall localize (%pathname-directory source))
                             (mapcar localize
                                     (%match-or-fail (%match-directories (%pathname-directory from)
                                                                         (%pathname-directory source))
                                                     source from))
                             (%pathname-directory to))
       (component #'%pathname-name)
       (component #'%pathname-type)
       (if (logical-pathname-p to) (component #'%pathname-version) (%pathname-version to))))))

;;; Logical hosts (CLHS 19.3)

(defun %logical-host (host)
  (unless (stringp host) (%type-error host 'string))
  (let ((name (string-upcase host)))
    (unless (nth-value 1 (gethash name *logical-hosts*))
      (%type-error host '(satisfies logical-host-p)))
    name))

(defun logical-host-p (object)
  "Whether OBJECT names a logical host."
  (and (stringp object) (nth-value 1 (gethash (string-upcase object) *logical-hosts*))))

(defun logical-pathname-translations (host)
  (values (gethash (%logical-host host) *logical-hosts*)))

(defun (setf logical-pathname-translations) (new-translations host)
  (unless (stringp host) (%type-error host 'string))
  (let ((name (string-upcase host)))
    ;; Defined first: the patterns themselves are namestrings of the host.
    (unless (nth-value 1 (gethash name *logical-hosts*))
      (setf (gethash name *logical-hosts*) '()))
    (setf (gethash name *logical-hosts*)
          (mapcar (lambda (rule)
                    (let ((from (car rule)))
                      (list (if (stringp from) (values (parse-namestring from name)) (pathname from))
                            (pathname (cadr rule)))))
                  new-translations))))

(defun load-logical-pathname-translations (host)
  (unless (stringp host) (%type-error host 'string))
  (if (logical-host-p host)
      nil
      (%not-yet-supported "LOAD-LOGICAL-PATHNAME-TRANSLATIONS: there is no search list for the host ~S" host)))

(defun logical-pathname (pathspec)
  (let ((pathname (if (and (stringp pathspec) (not (%logical-prefix pathspec 0 (length pathspec))))
                      (%error 'simple-type-error
                             :datum pathspec :expected-type 'logical-pathname
                             :format-control "~S does not begin with the name of a logical host."
                             :format-arguments (list pathspec))
                      (pathname pathspec))))
    (unless (logical-pathname-p pathname) (%type-error pathspec 'logical-pathname))
    pathname))

(defun translate-logical-pathname (pathname &key)
  (let ((pathname (pathname pathname)))
    (loop
      (unless (logical-pathname-p pathname) (return pathname))
      (let ((rule (find-if (lambda (rule) (pathname-match-p pathname (car rule)))
                           (logical-pathname-translations (%pathname-host pathname)))))
        (unless rule
          (%file-error pathname "No translation of the host ~S fits ~S." (%pathname-host pathname) pathname))
        (setq pathname (translate-pathname pathname (first rule) (second rule)))))))
