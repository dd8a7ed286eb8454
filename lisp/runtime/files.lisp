;;;; Files (CLHS 20), OPEN and WITH-OPEN-FILE (CLHS 21.2).

(in-package :clysm)

;;; The host's view of a pathname

(defun %host-namestring (pathname)
  "The host's name of the file that PATHNAME, merged with the defaults and translated, stands for."
  (%native-namestring (%physical-pathname pathname)))

(defun %physical-pathname (pathspec)
  (translate-logical-pathname (merge-pathnames (pathname pathspec))))

(defun %native-namestring (pathname)
  "The namestring of a physical pathname without wildcards, nothing escaped."
  (when (wild-pathname-p pathname)
    (%file-error pathname "The pathname ~S has wildcards." pathname))
  (with-output-to-string (out)
    (let ((directory (%pathname-directory pathname)))
      (when (consp directory)
        (when (eq (car directory) :absolute) (write-char #\/ out))
        (dolist (piece (cdr directory))
          (write-string (if (stringp piece) piece "..") out)
          (write-char #\/ out))))
    (when (stringp (%pathname-name pathname)) (write-string (%pathname-name pathname) out))
    (when (stringp (%pathname-type pathname))
      (write-char #\. out)
      (write-string (%pathname-type pathname) out))))

(defun %parse-native (string)
  "The pathname of the host's name STRING, in which no character is special."
  (values (parse-namestring (%escape string "*?[\\") :unspecific)))

(defmacro %with-octets ((octets length namestring) &body body)
  "Runs BODY with the UTF-8 of NAMESTRING and its length, as the host's file functions take it."
  `(let* ((,octets (%string-octets ,namestring))
          (,length (%array-length u8-vector ,octets)))
     ,@body))

(defun %file-failure (pathname what code)
  "Signals that WHAT could not be done to PATHNAME, in the words of the host's error CODE."
  (%file-error pathname "Can't ~A ~S: ~A." what (namestring pathname) (%host-error-text code)))

(defun %file-checked (pathname what result)
  (if (< result 0) (%file-failure pathname what result) result))

(defun %file-kind (namestring)
  "NIL when nothing of that name exists, :FILE or :DIRECTORY."
  (%with-octets (octets length (if (string= namestring "") "." namestring))
    (case (%fs.stat octets length)
      (1 :file)
      (2 :directory)
      (t nil))))

;;; Element types of OPEN

(defun %byte-type (element-type)
  "The bits of the integers of ELEMENT-TYPE and whether they are signed; or NIL when it is none of integers."
  (cond ((member element-type '(unsigned-byte bit)) (values (if (eq element-type 'bit) 1 8) nil))
        ((eq element-type 'signed-byte) (values 8 t))
        ((and (consp element-type) (member (car element-type) '(unsigned-byte signed-byte)) (integerp (cadr element-type)))
         (values (cadr element-type) (eq (car element-type) 'signed-byte)))
        ((and (consp element-type) (eq (car element-type) 'mod))
         (values (integer-length (- (cadr element-type) 1)) nil))
        ((subtypep element-type 'integer) (%integer-type-bits element-type))
        (t nil)))

(defun %integer-type-bits (element-type)
  "The smallest byte type that ELEMENT-TYPE, a subtype of INTEGER, is part of."
  (do ((bits 8 (+ bits 8)))
      ((> bits 1024) (values 8 (not (subtypep element-type 'unsigned-byte))))
    (when (subtypep element-type `(unsigned-byte ,bits)) (return (values bits nil)))
    (when (subtypep element-type `(signed-byte ,bits)) (return (values bits t)))))

;;; External formats

(defun %external-format (external-format)
  "The encoding and the replacement character, or NIL, of an :EXTERNAL-FORMAT."
  (let* ((name (if (consp external-format) (car external-format) external-format))
         (replacement (and (consp external-format) (getf (cdr external-format) :replacement))))
    (values (case name
              ((:default :utf-8 :utf8) :utf-8)
              ((:latin-1 :latin1 :iso-8859-1 :iso8859-1) :latin-1)
              (t (%not-yet-supported "the external format ~S" external-format)))
            (cond ((null replacement) nil)
                  ((characterp replacement) replacement)
                  (t (char (string replacement) 0))))))

;;; OPEN

(defconstant +open-read+ 1)
(defconstant +open-write+ 2)
(defconstant +open-create+ 4)
(defconstant +open-truncate+ 8)
(defconstant +open-append+ 16)
(defconstant +open-exclusive+ 32)

(defun %open-descriptor (pathname namestring flags)
  (%with-octets (octets length namestring)
    (%file-checked pathname "open" (%fs.open octets length flags))))

(defglobal *temporary-count* 0)

(defun %open-temporary (pathname namestring flags)
  "Opens a new file beside NAMESTRING; two values, the descriptor and its name."
  (loop
    (setq *temporary-count* (+ *temporary-count* 1))
    (let ((name (concatenate 'string namestring ".new-" (%decimal-string *temporary-count*))))
      (%with-octets (octets length name)
        (let ((fd (%fs.open octets length (logior flags +open-create+ +open-exclusive+))))
          (cond ((>= fd 0) (return (values fd name)))
                ((/= fd -7) (%file-failure pathname "open" fd))))))))

(defun %rename-host-file (pathname from to)
  (%with-octets (from-octets from-length from)
    (%with-octets (to-octets to-length to)
      (%file-checked pathname "rename" (%fs.rename from-octets from-length to-octets to-length)))))

(defun %delete-host-file (namestring)
  "Deletes the file; returns the host's result."
  (%with-octets (octets length namestring)
    (%fs.delete octets length)))

(defun %file-closed (stream abort)
  "Puts the file in the place of the one it supersedes, or takes it back when ABORT is true."
  (let ((temporary (%fd-temporary stream)))
    (cond ((and temporary abort) (%delete-host-file temporary))
          (temporary (%rename-host-file (%fd-pathname stream) temporary (%fd-target stream)))
          ((and abort (%fd-created-p stream)) (%delete-host-file (%fd-target stream))))))

(defun %make-open-stream (pathname descriptor direction element-type external-format &rest more)
  (let ((input-p (if (member direction '(:input :io :probe)) t nil))
        (output-p (if (member direction '(:output :io)) t nil)))
    (multiple-value-bind (encoding replacement) (%external-format external-format)
      (multiple-value-bind (bits signed-p)
          (if (eq element-type :default) 8 (%byte-type element-type))
        (apply #'%make-file-stream
               :operations (%fd-operation-table input-p output-p
                                            (or (null bits) (eq element-type :default)) (if bits t nil))
               :element-type (%stored-element-type element-type bits signed-p)
               :pathname pathname
               :descriptor descriptor
               :input-p input-p
               :output-p output-p
               :encoding encoding
               :replacement replacement
               :external-format (if (eq external-format :default) :utf-8 external-format)
               :byte-bits (or bits 8)
               :byte-octets (if bits (ceiling bits 8) 1)
               :byte-signed-p signed-p
               :seekable-p t
               more)))))

(defun %stored-element-type (element-type bits signed-p)
  (cond ((eq element-type :default) :default)
        ((null bits) 'character)
        (signed-p `(signed-byte ,bits))
        (t `(unsigned-byte ,bits))))

(defun %check-element-type (element-type)
  (unless (or (eq element-type :default)
              (subtypep element-type 'character)
              (subtypep element-type 'integer))
    (%error "A stream can't have the element type ~S." element-type)))

(defun %open-input (pathname namestring direction if-does-not-exist rest)
  (let ((kind (%file-kind namestring)))
    (cond ((and (null kind) (eq if-does-not-exist nil)) nil)
          ((and (null kind) (eq if-does-not-exist :create))
           (apply #'%make-open-stream pathname
                  (%open-descriptor pathname namestring (logior +open-write+ +open-read+ +open-create+))
                  direction rest))
          (t (apply #'%make-open-stream pathname (%open-descriptor pathname namestring +open-read+)
                    direction rest)))))

(defun %open-new (pathname namestring direction access if-does-not-exist rest)
  "Opens for output a file that does not exist."
  (case if-does-not-exist
    ((nil) nil)
    (:error (%file-failure pathname "open" -5))
    (t (let ((fd (%open-descriptor pathname namestring (logior access +open-create+))))
         (apply #'%make-open-stream pathname fd direction
                (append rest (list :target namestring :created-p t)))))))

(defun %open-existing (pathname namestring direction access if-exists rest)
  "Opens for output a file that exists."
  (flet ((stream (fd &rest more)
           (apply #'%make-open-stream pathname fd direction (append rest (list* :target namestring more)))))
    (case if-exists
      ((nil) nil)
      (:error (%file-failure pathname "open" -7))
      (:overwrite (stream (%open-descriptor pathname namestring access)))
      (:append (let ((fd (%open-descriptor pathname namestring access)))
                 ;; The end at the time of opening; the host's append mode would forbid FILE-POSITION.
                 (%file-checked pathname "open" (%fs.seek fd (%fs.size fd)))
                 (stream fd)))
      ((:supersede :new-version)
       (multiple-value-bind (fd temporary) (%open-temporary pathname namestring access)
         (stream fd :temporary temporary)))
      ((:rename :rename-and-delete)
       (let ((old (concatenate 'string namestring ".old")))
         (%rename-host-file pathname namestring old)
         (let ((fd (%open-descriptor pathname namestring (logior access +open-create+))))
           (when (eq if-exists :rename-and-delete)
             (%file-checked pathname "delete" (%delete-host-file old)))
           (stream fd :created-p t))))
      (t (%type-error if-exists '(member :error :new-version :rename :rename-and-delete :overwrite :append
                                  :supersede nil))))))

(defun %open-output (pathname namestring direction if-exists if-does-not-exist rest)
  (let ((access (if (eq direction :io) (logior +open-read+ +open-write+) +open-write+)))
    (case (%file-kind namestring)
      ((nil) (%open-new pathname namestring direction access if-does-not-exist rest))
      (:directory (%file-failure pathname "open" -10))
      (t (%open-existing pathname namestring direction access if-exists rest)))))

(defun %probe-stream (pathname namestring if-does-not-exist rest)
  "A closed stream that tells whether the file exists; NIL when it does not."
  (when (null (%file-kind namestring))
    (ecase if-does-not-exist
      ((nil) (return-from %probe-stream nil))
      (:error (%file-failure pathname "open" -5))
      (:create (%fs.close (%open-descriptor pathname namestring (logior +open-write+ +open-create+))))))
  (let ((stream (apply #'%make-open-stream pathname -1 :probe rest)))
    (%set-operations stream (%closed-version (%operations stream)))
    stream))

(defun open (filespec &key (direction :input) (element-type 'character) (if-exists nil if-exists-p)
                           (if-does-not-exist nil if-does-not-exist-p) (external-format :default))
  (%check-element-type element-type)
  (let* ((pathname (merge-pathnames (pathname filespec)))
         (namestring (%host-namestring pathname))
         (rest (list element-type external-format))
         (if-exists (if if-exists-p if-exists
                        (if (eq (%pathname-version pathname) :newest) :new-version :error)))
         (if-does-not-exist (cond (if-does-not-exist-p if-does-not-exist)
                                  ((eq direction :input) :error)
                                  ((eq direction :probe) nil)
                                  ((member if-exists '(:overwrite :append)) :error)
                                  (t :create))))
    (unless (member if-does-not-exist '(:error :create nil))
      (%type-error if-does-not-exist '(member :error :create nil)))
    (case direction
      (:input (%open-input pathname namestring direction if-does-not-exist rest))
      ((:output :io) (%open-output pathname namestring direction if-exists if-does-not-exist rest))
      (:probe (%probe-stream pathname namestring if-does-not-exist rest))
      (t (%type-error direction '(member :input :output :io :probe))))))

(defmacro with-open-file ((stream filespec &rest options) &body body)
  (let ((completed (gensym "COMPLETED")))
    (multiple-value-bind (forms declarations) (%parse-body body nil)
      `(let ((,stream (open ,filespec ,@options)) (,completed nil))
         ,@declarations
         (unwind-protect (multiple-value-prog1 (progn ,@forms) (setq ,completed t))
           (when ,stream (close ,stream :abort (not ,completed))))))))

;;; Questions about files and changes of directories

(defun probe-file (pathspec)
  (let* ((pathname (merge-pathnames (pathname pathspec)))
         (namestring (%host-namestring pathname)))
    (if (%file-kind namestring) (%truename pathname namestring) nil)))

(defun %truename (pathname namestring)
  (%with-octets (octets length (if (string= namestring "") "." namestring))
    (let ((resolved (%fs.resolve octets length)))
      (unless resolved (%file-failure pathname "find" (%io.last-error)))
      (let ((name (%octets-string resolved 0 (%array-length u8-vector resolved))))
        (%parse-native
         (if (and (eq (%file-kind name) :directory) (not (%ends-with-slash-p name)))
             (concatenate 'string name "/")
             name))))))

(defun %ends-with-slash-p (string)
  (and (> (length string) 0) (char= (char string (- (length string) 1)) #\/)))

(defun truename (filespec)
  (let ((pathname (merge-pathnames (pathname filespec))))
    (or (probe-file pathname)
        (if (and (file-stream-p filespec) (open-stream-p filespec) (%fd-temporary filespec))
            (%truename pathname (%fd-temporary filespec))
            (%file-failure pathname "find" -5)))))

(defun delete-file (filespec)
  (let* ((pathname (merge-pathnames (pathname filespec)))
         (namestring (%host-namestring pathname)))
    (when (eq (%file-kind namestring) :directory)
      (%file-failure pathname "delete" -10))
    (%file-checked pathname "delete" (%delete-host-file namestring))
    t))

(defun rename-file (filespec new-name)
  (let* ((pathname (merge-pathnames (pathname filespec)))
         (from (%host-namestring pathname))
         (true-name (truename pathname))
         (new-pathname (merge-pathnames new-name pathname))
         (to (%host-namestring new-pathname)))
    (%rename-host-file pathname from to)
    (when (file-stream-p filespec)
      (setf (%fd-pathname filespec) new-pathname))
    (values new-pathname true-name (truename new-pathname))))

;; The universal time of 1970-01-01T00:00:00Z.
(defconstant +unix-epoch+ 2208988800)

(defun file-write-date (pathspec)
  (let* ((pathname (merge-pathnames (pathname pathspec)))
         (namestring (%host-namestring pathname)))
    (%with-octets (octets length namestring)
      (+ +unix-epoch+ (%file-checked pathname "get the write date of" (%fs.modified octets length))))))

(defun file-author (pathspec)
  (let ((pathname (merge-pathnames (pathname pathspec))))
    (unless (%file-kind (%host-namestring pathname))
      (%file-failure pathname "find" -5))
    nil))

(defun %directory-prefix (directory count)
  "The first COUNT elements of the directory component DIRECTORY as a pathname, and its native name."
  (let ((pathname (%intern-pathname :unspecific nil (subseq directory 0 count) nil nil nil)))
    (values pathname (%native-namestring pathname))))

(defun %existing-directories (directory)
  "How many elements of the directory component DIRECTORY name a directory that is there. Those above one that is granted to the
program need not be."
  (do ((count (length directory) (- count 1)))
      ((or (< count 2) (%file-kind (nth-value 1 (%directory-prefix directory count)))) count)))

(defun ensure-directories-exist (pathspec &key verbose)
  (let* ((pathname (merge-pathnames (pathname pathspec)))
         (directory (%pathname-directory (%physical-pathname pathname)))
         (existing (%existing-directories directory)))
    (when (%wild-component-p directory)
      (%file-error pathname "The directory of ~S has wildcards." pathname))
    (do ((count (+ existing 1) (+ count 1)))
        ((> count (length directory)))
      (when (> count 1)
        (multiple-value-bind (part namestring) (%directory-prefix directory count)
          (when verbose
            (format *standard-output* "~&Creating directory ~A~%" namestring))
          (%with-octets (octets length namestring)
            (%file-checked part "create" (%fs.make-directory octets length))))))
    (values pathspec (> (length directory) (max existing 1)))))

(defun user-homedir-pathname (&optional (host nil host-p))
  "The directory that HOME names. Where it names none, it can't be known: NIL if a HOST was asked for, else a pathname all the
same (CLHS USER-HOMEDIR-PATHNAME), the directory that relative names start from."
  (declare (ignore host))
  (let ((home (%environment-variable "HOME")))
    (cond ((and home (string/= home ""))
           (%parse-native (if (%ends-with-slash-p home) home (concatenate 'string home "/"))))
          (host-p nil)
          (t (%parse-native "")))))

;;; DIRECTORY

(defun %list-directory (namestring)
  "The names in the directory, those of directories with a slash at their end; none when it can't be read."
  (%with-octets (octets length (if (string= namestring "") "." namestring))
    (let ((list (%fs.list octets length))
          (names '())
          (start 0))
      (when list
        (dotimes (i (%array-length u8-vector list))
          (when (= (%array-ref u8-vector list i) 0)
            (push (%octets-string list start i) names)
            (setq start (+ i 1)))))
      (nreverse names))))

(defun %subdirectories (namestring)
  "The names of the directories in the directory, without their slashes."
  (let ((names '()))
    (dolist (name (%list-directory namestring) (nreverse names))
      (when (%ends-with-slash-p name)
        (push (subseq name 0 (- (length name) 1)) names)))))

(defun %map-directories (function prefix pieces)
  "Calls FUNCTION with the name of each directory that PIECES, below PREFIX, stand for."
  (if (null pieces)
      (funcall function prefix)
      (let ((piece (car pieces)) (rest (cdr pieces)))
        (cond ((eq piece :wild-inferiors)
               (%map-directories function prefix rest)
               (dolist (name (%subdirectories prefix))
                 (%map-directories function (concatenate 'string prefix name "/") pieces)))
              ((%wild-piece-p piece)
               (dolist (name (%subdirectories prefix))
                 (unless (eq (%match-piece piece name) :no)
                   (%map-directories function (concatenate 'string prefix name "/") rest))))
              (t (%map-directories function
                                   (concatenate 'string prefix (if (stringp piece) piece "..") "/")
                                   rest))))))

(defun %matching-files (prefix pathname function)
  "Calls FUNCTION with the names in the directory PREFIX that the name and type of PATHNAME match."
  (let ((name (%pathname-name pathname)) (type (%pathname-type pathname)))
    (dolist (entry (%list-directory prefix))
      (let* ((directory-p (%ends-with-slash-p entry))
             (plain (if directory-p (subseq entry 0 (- (length entry) 1)) entry))
             (candidate (%parse-native plain)))
        (when (and (not (eq (%match-piece (or name :none) (%pathname-name candidate)) :no))
                   (if type
                       (or (eq type :wild) (not (eq (%match-piece type (%pathname-type candidate)) :no)))
                       (null (%pathname-type candidate))))
          (funcall function entry))))))

(defun directory (pathspec &key)
  (let* ((pathname (%physical-pathname pathspec))
         (directory (%pathname-directory pathname))
         (results '()))
    (flet ((collect (namestring)
             (let ((truename (probe-file (%parse-native namestring))))
               (when truename (pushnew truename results)))))
      (%map-directories
       (lambda (prefix)
         (cond ((or (%pathname-name pathname) (%pathname-type pathname))
                (%matching-files prefix pathname
                                 (lambda (entry) (collect (concatenate 'string prefix entry)))))
               ((%file-kind prefix) (collect prefix))))
       (if (eq (car directory) :absolute) "/" "")
       (cdr directory)))
    (nreverse results)))
