;;;; Discovery: what a program can ask about the exports of the preludes that it runs with.
;;;;
;;;; The records come from the host as one text, a list of property lists, which is read when first asked for. What is read there is
;;;; strings, integers, lists, NIL and a few keywords; the reader of programs isn't used for it, as they can change that.

(in-package :clysm)

(defglobal *%records-text* nil)         ; the records while nobody has asked for them
(defglobal *%records* nil)              ; the property lists

(defun %set-export-records (text)
  "Makes the records written in TEXT those that the functions here tell of."
  (setq *%records-text* text
        *%records* nil)
  nil)

(defun %records ()
  (when *%records-text*
    (setq *%records* (with-input-from-string (stream *%records-text*) (%read-datum stream))
          *%records-text* nil))
  *%records*)

;;; Reading the records.

(defun %malformed-records (what)
  (%error "The records of exports are malformed: ~A." what))

(defun %end-of-records ()
  (%malformed-records "they end too early"))

(defun %separator-p (character)
  (find character '(#\Space #\Newline #\Tab #\Return #\( #\) #\")))

(defun %next-datum-char (stream)
  "The next character that is no whitespace."
  (let ((c (read-char stream nil nil)))
    (cond ((null c) (%end-of-records))
          ((find c '(#\Space #\Newline #\Tab #\Return)) (%next-datum-char stream))
          (t c))))

(defun %read-datum (stream)
  (let ((c (%next-datum-char stream)))
    (case c
      (#\( (%read-datum-list stream))
      (#\" (%read-datum-string stream))
      (t (unread-char c stream)
         (%token-datum (%read-datum-token stream))))))

(defun %read-datum-list (stream)
  (let ((elements '()))
    (loop
      (let ((c (%next-datum-char stream)))
        (when (char= c #\))
          (return (nreverse elements)))
        (unread-char c stream)
        (push (%read-datum stream) elements)))))

(defun %read-datum-string (stream)
  (with-output-to-string (text)
    (loop
      (let ((c (%next-string-char stream)))
        (case c
          (#\" (return))
          (#\\ (write-char (%next-string-char stream) text))
          (t (write-char c text)))))))

(defun %next-string-char (stream)
  (or (read-char stream nil nil) (%end-of-records)))

(defun %read-datum-token (stream)
  (with-output-to-string (text)
    (loop
      (let ((c (read-char stream nil nil)))
        (when (or (null c) (%separator-p c))
          (when c (unread-char c stream))
          (return))
        (write-char c text)))))

(defun %token-datum (token)
  (cond ((string-equal token "NIL") nil)
        ((and (> (length token) 1) (char= (char token 0) #\:)) (%record-keyword (subseq token 1)))
        ((and (plusp (length token)) (every #'digit-char-p token)) (parse-integer token))
        (t (%malformed-records (format nil "~S is no datum" token)))))

(defun %record-keyword (name)
  (or (find name '(:ref :namespace :symbol :arity :min-arity :max-arity :params :doc :visibility :effect :kind :provider-ref
                   :requires :tool-refs :source :variadic :prompt :discoverable :read :write :unknown :function :constant)
            :test #'string-equal)
      (%malformed-records (format nil ":~A is unknown" name))))

;;; Looking records up.

(defun %names-export-p (record symbol)
  "True when RECORD is that of SYMBOL, by the names of both."
  (let ((home (symbol-package symbol)))
    (and home
         (string-equal (getf record :symbol) (symbol-name symbol))
         (string-equal (getf record :namespace) (%package-name home)))))

(defun %record-symbol (record)
  "The symbol of RECORD; the ref where there is none."
  (or (find-if (lambda (symbol) (%names-export-p record symbol)) *%exports*)
      (copy-seq (getf record :ref))))

(defun %export-record (designator)
  "The record of the export that DESIGNATOR, its symbol or its ref, stands for. An error if there is none."
  (or (cond ((stringp designator)
             (find designator (%records) :key (lambda (record) (getf record :ref)) :test #'string-equal))
            ((symbolp designator)
             (find-if (lambda (record) (%names-export-p record designator)) (%records)))
            (t (%type-error designator '(or symbol string))))
      (%unknown-export designator)))

(defun %unknown-export (designator)
  (let ((ref (if (stringp designator) (string-downcase designator) (%symbol-ref designator))))
    (%error "There is no export ~A.~@[ Did you mean ~{~A~^, ~}?~]" ref
            (%nearest ref (%records)))))

(defun %symbol-ref (symbol)
  (let ((home (symbol-package symbol)))
    (format nil "~:[~;~:*~(~A~)/~]~(~A~)" (and home (package-name home)) (symbol-name symbol))))

(defun %nearest (name records)
  "Up to three refs of RECORDS that differ from NAME by few characters, with or without their namespace, the nearest first."
  (let ((candidates '()) (limit (max 2 (floor (length name) 3))))
    (dolist (record (%by-ref records))
      (let ((distance (min (%edit-distance name (getf record :ref)) (%edit-distance name (getf record :symbol)))))
        (when (<= distance limit)
          (push (cons distance (getf record :ref)) candidates))))
    (let ((sorted (stable-sort (nreverse candidates) #'< :key #'car)))
      (mapcar #'cdr (subseq sorted 0 (min 3 (length sorted)))))))

(defun %edit-distance (a b)
  "How many characters must be changed, taken out or put in to make B of A."
  (let ((row (make-array (1+ (length b)))))
    (dotimes (j (length row))
      (setf (svref row j) j))
    (dotimes (i (length a) (svref row (length b)))
      (let ((diagonal (svref row 0)))
        (setf (svref row 0) (1+ i))
        (dotimes (j (length b))
          (let ((changed (+ diagonal (if (char= (char a i) (char b j)) 0 1))))
            (setq diagonal (svref row (1+ j)))
            (setf (svref row (1+ j)) (min changed (1+ diagonal) (1+ (svref row j))))))))))

;;; Namespaces.

(defun %distinct-namespaces ()
  (sort (remove-duplicates (mapcar (lambda (record) (getf record :namespace)) (%records)) :test #'string=) #'string<))

(defun all-namespaces ()
  "The names of the packages that export something to the program, sorted."
  (mapcar #'copy-seq (%distinct-namespaces)))

(defun %namespace (designator)
  "The namespace that DESIGNATOR, a package or a string designator, stands for. An error if there is none."
  (let ((name (string-downcase (if (packagep designator) (package-name designator) (string designator)))))
    (or (find name (%distinct-namespaces) :test #'string=)
        (%error "There is no namespace ~A.~@[ Known are ~{~A~^, ~}.~]" name (%distinct-namespaces)))))

(defun %by-ref (records)
  (sort (copy-list records) #'string< :key (lambda (record) (getf record :ref))))

(defun dir (namespace)
  "The symbols of the exports of NAMESPACE, a package or a string designator, sorted by name."
  (let ((name (%namespace namespace)))
    (mapcar #'%record-symbol
            (%by-ref (remove-if-not (lambda (record) (string= (getf record :namespace) name)) (%records))))))

;;; What there is to know of an export.

(defun %export-signature (record)
  "How the export is called, as a list of lower-case names."
  (let ((arity (getf record :arity)) (params (getf record :params)))
    (format nil "(~A~{ ~A~})" (getf record :symbol)
            (cond (params params)
                  ((integerp arity) (loop for i from 1 to arity collect (format nil "arg~D" i)))
                  (t '("&" "args"))))))

(defun %write-indented (text)
  (with-input-from-string (lines text)
    (loop
      (let ((line (read-line lines nil nil)))
        (unless line (return))
        (format t "~:[  ~A~;~]~%" (string= line "") line)))))

(defun describe-export (export)
  "Prints how EXPORT, a symbol or a ref, is called, its documentation, its effect and what it requires. Returns no values."
  (let ((record (%export-record export)))
    (format t "~&~A: ~A~%" (getf record :ref) (%export-signature record))
    (when (getf record :doc)
      (%write-indented (getf record :doc)))
    (format t "  effect: ~(~A~)~%" (getf record :effect))
    (format t "  requires: ~:[nothing~;~:*~{~A~^, ~}~]~%" (getf record :requires)))
  (values))

(defun apropos-export (text)
  "The symbols of the exports whose ref or documentation contains TEXT, in whatever case, sorted by ref."
  (let ((part (string text)))
    (flet ((contains-p (field) (and field (search part field :test #'char-equal))))
      (mapcar #'%record-symbol
              (%by-ref (remove-if-not (lambda (record)
                                        (or (contains-p (getf record :ref)) (contains-p (getf record :doc))))
                                      (%records)))))))

(defun %fresh-copy (datum)
  "DATUM with its own lists and strings, so that records stay as they are."
  (cond ((consp datum) (mapcar #'%fresh-copy datum))
        ((stringp datum) (copy-seq datum))
        (t datum)))

(defun export-metadata (export)
  "The record of EXPORT, a symbol or a ref, as a property list."
  (let ((record (%export-record export)))
    (loop for key in '(:ref :namespace :symbol :arity :min-arity :max-arity :params :doc :visibility :effect :kind :provider-ref
                       :requires :tool-refs)
          collect key
          collect (%fresh-copy (getf record key)))))

(defun export-source (export)
  "The source text of the definition of EXPORT, a symbol or a ref; NIL if the host does not tell it."
  (%fresh-copy (getf (%export-record export) :source)))
