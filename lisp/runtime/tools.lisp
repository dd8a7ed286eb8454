;;;; Tools of the host: CALL-TOOL and CALL-UPSTREAM.
;;;;
;;;; A call whose name stands in the source is an import of the module that it is compiled into, so that the import section says which
;;;; tools a program may call. A call with a computed name goes through one import for all names, which hosts grant separately.
;;;;
;;;; Arguments and values are data: numbers, characters, strings, symbols, lists, vectors of any objects, of octets, of bits. They travel
;;;; in a code of their own that refers to nothing outside of the message, so that it is the same in images and in standalone modules:
;;;; a tag, then what the table below says. Numbers of things are LEB128; strings are a length and UTF-8.
;;;;
;;;;  0 NIL   1 T   2 fixnum, zigzag   3 character, its code   5 list: count, elements   6 dotted list: count, elements, tail
;;;;  7 keyword: name   8 symbol: its package's name, or nothing, and name   9 string   10 single, 11 double: bits, low octet first
;;;;  12 bignum: 1 if negative, count, 32-bit digits, lowest first   13 ratio   14 complex: two numbers
;;;;  15 vector: count, elements   16 bits   17 octets: count, an octet each
;;;;
;;;; An answer is 0 and the value; 1 and a text, the tool's failure; 2, an object and a type, when an argument is of another
;;;; type; 3 and a text, when the tool may not be called.

(in-package :clysm)

(define-condition tool-error (host-error)
  ((tool :initarg :tool :reader tool-error-tool :documentation "The name of the tool."))
  (:documentation "A tool of the host failed."))

(define-condition capability-error (host-error)
  ((name :initarg :name :initform nil :reader capability-error-name :documentation "The export that was called, if it is one."))
  (:documentation "The program did what it is not granted."))

;;; Writing values.

(defglobal *%tool-output* nil)          ; octets to write into, kept for the next call

(defconstant +tool-value-depth+ 500)

(defun %not-data (object)
  (%type-error object '(or number character string symbol list simple-vector (vector bit) (vector (unsigned-byte 8)))))

(defun %put-value-list (list depth)
  "Writes a list, dotted or not. One that is circular is not data."
  (let ((count (%i32 1)) (rest (cdr list)) (slow list))
    (do ()
        ((not (%is cons rest)))
      (setq count (%i32.add count 1)
            rest (%get cons cdr rest))
      (when (%i32.eqz (%i32.and count 1)) (setq slow (cdr slow)))
      (when (eq rest slow) (%not-data list)))
    (%put (if rest 6 5))
    (%put-leb count)
    (do ()
        ((%i32.eqz count))
      (%put-value (car list) depth)
      (setq list (cdr list)
            count (%i32.sub count 1)))
    (when rest (%put-value rest depth))))

(defun %put-value-symbol (symbol)
  (let ((package (%home-package symbol)))
    (cond ((null symbol) (%put 0))
          ((eq symbol t) (%put 1))
          ((eq package *keyword-package*)
           (%put 7)
           (%put-string (%get symbol name symbol)))
          (t
           (%put 8)
           (%put-string (if package (package-name package) ""))
           (%put-string (%get symbol name symbol))))))

(defun %put-value-vector (vector depth)
  (%put 15)
  (%put-leb (length vector))
  (dotimes (i (length vector))
    (%put-value (aref vector i) depth)))

(defun %put-value-array (array depth)
  "Writes vectors with fill pointers and the like as simple ones of the same elements."
  (cond ((stringp array)
         (%put 9)
         (%put-string (%simple-string array)))
        ((/= (array-rank array) 1) (%not-data array))
        ((eq (array-element-type array) 'bit) (%put-bits (coerce array 'simple-bit-vector)))
        ((equal (array-element-type array) '(unsigned-byte 8))
         (%put-octets 17 (coerce array '(simple-array (unsigned-byte 8) (*)))))
        (t (%put-value-vector array depth))))

(defun %put-value (object depth)
  (let ((depth (- depth 1)))
    (when (< depth 0)
      (error 'host-error :format-control "The data for a tool are nested too deeply." :format-arguments '()))
    (cond ((%is symbol object) (%put-value-symbol object))
          ((or (%fixnump object) (%is string object)) (%put-object object))
          ((%is cons object) (%put-value-list object depth))
          ((or (numberp object) (characterp object) (%is u8-vector object) (%is bit-vector object))
           ;; What both codes have in common.
           (%put-object object))
          ((arrayp object) (%put-value-array object depth))
          (t (%not-data object)))
    nil))

(defun %tool-arguments (arguments)
  "The octets of a list of arguments."
  (let ((output *%output*) (position *%output-position*))
    (unwind-protect
         (progn
           (setq *%output* (or *%tool-output* (%array-new u8-vector 256 0))
                 *%output-position* 0)
           (%put-leb (length arguments))
           (dolist (argument arguments)
             (%put-value argument +tool-value-depth+))
           (setq *%tool-output* *%output*)
           (let ((octets (%array-new u8-vector *%output-position* 0)))
             (%array-copy u8-vector octets 0 u8-vector *%output* 0 *%output-position*)
             octets))
      (setq *%output* output
            *%output-position* position))))

;;; Reading values.

(defun %next-value-list (count)
  "A list of the next COUNT values."
  (if (eql count 0)
      nil
      (let* ((head (cons (%next-value) nil))
             (last head)
             (rest (%i32.sub count 1)))
        (do ()
            ((%i32.le_s rest 0) head)
          (let ((cell (cons (%next-value) nil)))
            (%set cons cdr last cell)
            (setq last cell
                  rest (%i32.sub rest 1)))))))

(defun %symbol-from-host (name package)
  "The symbol named NAME of PACKAGE, if there is one. Else a keyword, or a symbol of the standard that the program does not mention, is
made, and anything else is a symbol of no package."
  (let ((hash (%string-hash name)))
    (multiple-value-bind (symbol status) (if package (%find-symbol name hash package) (values nil nil))
      (cond (status symbol)
            ((or (eq package *keyword-package*) (eq package (find-package "COMMON-LISP")))
             (%intern-new name hash package))
            (t (%make-symbol name))))))

(defun %next-value-symbol ()
  (let ((package-name (%next-string)))
    (%symbol-from-host (%next-string) (find-package package-name))))

;; The fields of records have the same names again and again: keywords that came before are found by the octets of their names.
(defconstant +recent-keywords+ 128)

(defglobal *%recent-keywords* nil)      ; a simple-vector, each keyword at the place that a hash of its octets says

(defun %named-by-octets-p (name octets start length)
  "True if the simple string NAME has LENGTH characters, all of ASCII, which are the OCTETS from START."
  (and (%i32.eq (%array-length string name) length)
       (let ((n (%i32 length)) (start (%i32 start)))
         (%array-length u8-vector octets)
         (do ((i (%i32 0) (%i32.add i 1)))
             ((%i32.ge_s i n) t)
           (let ((code (%array-ref string name i)))
             (when (or (%i32.ge_u code 128)
                       (%i32.ne code (%array-ref u8-vector octets (%i32.add start i))))
               (return nil)))))))

(defun %octets-place (octets start length)
  "The place for a keyword among the recent ones."
  (let ((hash (%i32 length)) (end (%i32.add start length)))
    (%array-length u8-vector octets)
    (do ((i (%i32 start) (%i32.add i 1)))
        ((%i32.ge_s i end) (%fixnum (%i32.and (%i32.xor hash (%i32.shr_u hash 7)) (- +recent-keywords+ 1))))
      (setq hash (%i32.add (%i32.mul hash 31) (%array-ref u8-vector octets i))))))

(defun %next-keyword ()
  (let* ((before *%position*)
         (length (%next-number))
         (start *%position*)
         (octets *%octets*)
         (place (%octets-place octets start length))
         (recent (or *%recent-keywords*
                     (setq *%recent-keywords* (%array-new simple-vector +recent-keywords+ nil))))
         (found (%array-ref simple-vector recent place)))
    ;; It may have been taken out of its package meanwhile.
    (cond ((and found
                (eq (%get symbol package found) *keyword-package*)
                (%named-by-octets-p (%get symbol name found) octets start length))
           (setq *%position* (%fixnum (%i32.add start length)))
           found)
          (t
           (setq *%position* before)
           (%array-set simple-vector recent place (%symbol-from-host (%next-string) *keyword-package*))))))

(defun %next-value ()
  (let ((tag (%i32 (%next-octet))))
    (cond ((%i32.eq tag 7) (%next-keyword))
          ((%i32.eq tag 9) (%next-string))
          ((%i32.eq tag 2) (%next-fixnum))
          ((%i32.eq tag 0) nil)
          ((%i32.eq tag 1) t)
          ((%i32.eq tag 5) (%next-value-list (%next-number)))
          ((%i32.eq tag 11) (%new double (%next-f64)))
          (t (%next-rare-value (%fixnum tag))))))

(defun %next-rare-value (tag)
  (case tag
    (3 (%code-character (%next-number)))
    (6 (let* ((elements (%next-value-list (%next-number)))
              (tail (%next-value)))
         (nconc elements tail)))
    (8 (%next-value-symbol))
    (10 (%new single (%f32.reinterpret_i32 (%next-i32))))
    (12 (%next-integer))
    (13 (let ((numerator (%next-value))) (/ numerator (%next-value))))
    (14 (let ((real (%next-value))) (complex real (%next-value))))
    (15 (coerce (%next-value-list (%next-number)) 'simple-vector))
    (16 (%next-bits (%next-number)))
    (17 (%next-octet-vector (%next-number)))
    (t (error 'host-error :format-control "The host's answer is no data: tag ~D." :format-arguments (list tag)))))

;;; Answers.

(defun %tool-failed (name text)
  (error 'tool-error :tool name :format-control "~A: ~A" :format-arguments (list name text)))

(defun %tool-answer (name octets)
  "The value of a call of the tool NAME, of which the host says OCTETS."
  (unless octets
    (let ((text (%host.error)))
      (%tool-failed name (%octets-string text 0 (%array-length u8-vector text)))))
  (setq *%octets* octets
        *%position* 0)
  (case (%next-octet)
    (0 (%next-value))
    (1 (%tool-failed name (%next-string)))
    (2 (let* ((object (%next-value))
              (type (%next-value)))
         (%type-error object type)))
    (t (error 'capability-error :format-control "~A" :format-arguments (list (%next-string))))))

;;; Calls.

(defun %name-octets (name)
  (unless (and (stringp name) (> (length name) 0))
    (%type-error name '(and string (not (string 0)))))
  (%string-octets (%simple-string name)))

(defun call-tool (name &rest arguments)
  "Calls the tool NAME of the host with data. Its value is data. Where the name is a literal, the module imports that tool; else the
program must be granted calls by computed names."
  (%tool-answer name (%call.tool (%name-octets name) (%tool-arguments arguments))))

(defun %upstream-name (server tool)
  "SERVER/TOOL. A server's name has no slash."
  (check-type server string)
  (check-type tool string)
  (when (or (find #\/ server) (= (length server) 0) (= (length tool) 0))
    (error 'host-error :format-control "~S and ~S are not the names of a server and its tool." :format-arguments (list server tool)))
  (concatenate 'string server "/" tool))

(defun call-upstream (server tool &rest arguments)
  "Calls the tool TOOL of a SERVER that the host knows, like CALL-TOOL."
  (let ((name (%upstream-name server tool)))
    (%tool-answer name (%call.upstream (%name-octets name) (%tool-arguments arguments)))))

(define-compiler-macro call-tool (&whole form name &rest arguments)
  (if (and (stringp name) (> (length name) 0))
      `(%tool-answer ,name (%tool.invoke ,name (%tool-arguments (list ,@arguments))))
      form))

(define-compiler-macro call-upstream (&whole form server tool &rest arguments)
  (if (and (stringp server) (stringp tool))
      (let ((name (%upstream-name server tool)))
        `(%tool-answer ,name (%upstream.invoke ,name (%tool-arguments (list ,@arguments)))))
      form))

(defun %refuse-computed-call (name)
  "What CALL-TOOL and CALL-UPSTREAM do in a module that may not call by computed names, and so doesn't import that."
  (error 'capability-error :format-control "This program may not call tools by computed names, as ~S." :format-arguments (list name)))
