;;;; What there is to tell of a compilation: diagnostics with their places, and the report of what was compiled, counted. The same
;;;; data as those of the crate clysm-report, and the same JSON.

(in-package :clysm-compiler)

;;; Texts. The offsets of all texts of a compilation are in one numbering, so that an offset names a text and a place in it. They
;;; count characters.

(defstruct (source-text (:constructor make-source-text (path text base)))
  path                                  ; as diagnostics show it
  text
  base)                                 ; the offset of the first character

(defstruct (source-map (:constructor make-source-map ()))
  (texts '())                           ; the last one first
  (end 0))                              ; the offset at which the next text begins

(defvar *source-map* (make-source-map)
  "The texts that the spans of the compilation refer to.")

(defun source-map-add (path text)
  "Adds TEXT under the PATH that diagnostics show. The same path may be added again."
  (let* ((map *source-map*)
         (source (make-source-text path text (source-map-end map))))
    (push source (source-map-texts map))
    ;; The end of a text is a place of its own.
    (incf (source-map-end map) (+ (length text) 1))
    source))

(defun source-of (span)
  "The text that SPAN is a part of, or NIL."
  (and span
       (find-if (lambda (source) (<= (source-text-base source) (car span)))
                (source-map-texts *source-map*))))

(defun line-start (text index)
  "The index at which the line of the character at INDEX begins."
  (let ((newline (position #\newline text :end index :from-end t)))
    (if newline (+ newline 1) 0)))

(defun line-end (text index)
  "The index at which the line of the character at INDEX ends."
  (or (position #\newline text :start index) (length text)))

(defun source-position (span)
  "The text, the line and the column, both from one, at which SPAN starts; NIL if it belongs to no text."
  (let ((source (source-of span)))
    (if source
        (let* ((text (source-text-text source))
               (index (min (- (car span) (source-text-base source)) (length text))))
          (values source
                  (+ (count #\newline text :end index) 1)
                  (+ (- index (line-start text index)) 1)))
        nil)))

(defun source-location (span)
  "PATH:LINE:COLUMN of the start of SPAN, or NIL."
  (multiple-value-bind (source line column) (source-position span)
    (and source (format nil "~A:~D:~D" (source-text-path source) line column))))

;;; Diagnostics: data until RENDER-DIAGNOSTIC makes them text.

(defstruct (diagnostic (:constructor make-diagnostic (severity code title)))
  severity                              ; :NOTE :STYLE-WARNING :WARNING :ERROR
  code                                  ; a stable name in kebab case, by which tools find this kind of diagnostic
  title                                 ; what is the matter, in one line
  (primary nil)                         ; where: a label, or NIL
  (secondary '())                       ; labels of other places that matter
  (hint nil))                           ; what to do about it

(defstruct (diagnostic-label (:conc-name label-) (:constructor make-diagnostic-label (span text)))
  span
  text)                                 ; the remark; empty where the place alone says it

(defun error-diagnostic (code title)
  (make-diagnostic :error code title))

(defun warning-diagnostic (code title)
  (make-diagnostic :warning code title))

(defun style-warning-diagnostic (code title)
  (make-diagnostic :style-warning code title))

(defun diagnostic-at (diagnostic span text)
  "Sets the primary place of DIAGNOSTIC, which it returns; the TEXT may be empty, and the SPAN NIL."
  (setf (diagnostic-primary diagnostic) (and span (make-diagnostic-label span text)))
  diagnostic)

(defun diagnostic-also (diagnostic span text)
  "Adds another place."
  (when span
    (setf (diagnostic-secondary diagnostic) (append (diagnostic-secondary diagnostic) (list (make-diagnostic-label span text)))))
  diagnostic)

(defun diagnostic-help (diagnostic text)
  "Sets the hint."
  (setf (diagnostic-hint diagnostic) text)
  diagnostic)

(defun diagnostic-span (diagnostic)
  "The primary place, or NIL."
  (and (diagnostic-primary diagnostic)
       (label-span (diagnostic-primary diagnostic))))

(defun diagnostic-error-p (diagnostic)
  (eq (diagnostic-severity diagnostic) :error))

(defun sort-diagnostics (diagnostics)
  "DIAGNOSTICS in the order of their places, those without one last."
  (stable-sort (copy-list diagnostics)
               (lambda (one other)
                 (cond ((null one) nil)
                       ((null other) t)
                       (t (or (< (car one) (car other))
                              (and (= (car one) (car other)) (< (cdr one) (cdr other)))))))
               :key #'diagnostic-span))

(defun diagnostic-line (diagnostic)
  "One line without the source: ERROR[CODE]: TITLE."
  (format nil "~(~A~)[~A]: ~A" (diagnostic-severity diagnostic) (diagnostic-code diagnostic) (diagnostic-title diagnostic)))

;;; The report of one stage, from counted events: no figure comes from anywhere else.

(defstruct (module-result (:constructor make-module-result (path)))
  path                                  ; the source file
  (compiled 0)
  (failed 0)
  (total 0))                            ; those skipped included

(defstruct (report-builder (:constructor make-report-builder (stage-version)))
  stage-version                         ; such as stage1-v0.1
  (modules '())                         ; the last one first
  (skipped 0))

(defstruct compilation-report
  timestamp                             ; when the stage ended (ISO 8601)
  stage-version
  summary
  modules)

(defstruct summary
  total-forms compiled failed skipped
  coverage-pct)                         ; 100 * compiled / (total - skipped)

(defun report-module-started (builder path)
  "A source file begins; the forms that follow are its forms."
  (push (make-module-result path) (report-builder-modules builder)))

(defun report-form (builder event)
  "Counts a form: the EVENT is one of :COMPILED :FAILED :SKIPPED."
  (let ((module (first (report-builder-modules builder))))
    (unless module
      (error "A form was counted before any module had started."))
    (incf (module-result-total module))
    (ecase event
      (:compiled (incf (module-result-compiled module)))
      (:failed (incf (module-result-failed module)))
      (:skipped (incf (report-builder-skipped builder))))))

(defun report-summary (builder)
  "The sums so far."
  (let ((total 0) (compiled 0) (failed 0) (skipped (report-builder-skipped builder)))
    (dolist (module (report-builder-modules builder))
      (incf total (module-result-total module))
      (incf compiled (module-result-compiled module))
      (incf failed (module-result-failed module)))
    (make-summary :total-forms total :compiled compiled :failed failed :skipped skipped
                  :coverage-pct (percent compiled (- total skipped)))))

(defun percent (part whole)
  "100 * PART / WHOLE; 0 when the whole is 0, for where nothing was attempted nothing succeeded."
  (if (eql whole 0)
      0d0
      (* 100d0 (/ (coerce (min part whole) 'double-float) (coerce whole 'double-float)))))

(defun report-finish (builder timestamp)
  (make-compilation-report :timestamp timestamp
                           :stage-version (report-builder-stage-version builder)
                           :summary (report-summary builder)
                           :modules (reverse (report-builder-modules builder))))

(defun report-exit-code (report)
  "How the stage ended: 0 when no form failed, 1 when some did, 2 when forms failed and none was compiled."
  (let ((summary (compilation-report-summary report)))
    (cond ((eql (summary-failed summary) 0) 0)
          ((eql (summary-compiled summary) 0) 2)
          (t 1))))

(defun timestamp-from-unix-seconds (seconds)
  "The UTC time that many seconds after 1970-01-01T00:00:00Z, as RFC 3339 writes it."
  (multiple-value-bind (second minute hour day month year)
      (decode-universal-time (+ seconds 2208988800) 0)
    (format nil "~4,'0D-~2,'0D-~2,'0DT~2,'0D:~2,'0D:~2,'0DZ" year month day hour minute second)))

;;; JSON, as serde_json writes it with indentation.

(defun write-report (report stream)
  "Writes REPORT as JSON, with a newline at the end."
  (let ((summary (compilation-report-summary report)))
    (write-json `(:object ("timestamp" . ,(compilation-report-timestamp report))
                          ("stage_version" . ,(compilation-report-stage-version report))
                          ("summary" . (:object ("total_forms" . ,(summary-total-forms summary))
                                                ("compiled" . ,(summary-compiled summary))
                                                ("failed" . ,(summary-failed summary))
                                                ("skipped" . ,(summary-skipped summary))
                                                ("coverage_pct" . ,(summary-coverage-pct summary))))
                          ("modules" . (:array ,@(mapcar #'module-json (compilation-report-modules report)))))
                0 stream)
    (terpri stream)))

(defun module-json (module)
  `(:object ("path" . ,(module-result-path module))
            ("compiled" . ,(module-result-compiled module))
            ("failed" . ,(module-result-failed module))
            ("total" . ,(module-result-total module))))

(defun write-json (value depth stream)
  "Writes a string, a number, (:OBJECT (KEY . VALUE) ...) or (:ARRAY VALUE ...), indented by two spaces a level."
  (etypecase value
    (string (write-json-string value stream))
    (integer (format stream "~D" value))
    (double-float (write-json-float value stream))
    (cons
     (ecase (car value)
       (:object (write-json-sequence #\{ #\} (cdr value) depth stream
                                     (lambda (entry)
                                       (write-json-string (car entry) stream)
                                       (write-string ": " stream)
                                       (write-json (cdr entry) (+ depth 1) stream))))
       (:array (write-json-sequence #\[ #\] (cdr value) depth stream
                                    (lambda (element) (write-json element (+ depth 1) stream))))))))

(defun write-json-sequence (open close elements depth stream write)
  (write-char open stream)
  (when elements
    (let ((first t))
      (dolist (element elements)
        (unless first (write-char #\, stream))
        (setq first nil)
        (format stream "~%~V@T" (* 2 (+ depth 1)))
        (funcall write element)))
    (format stream "~%~V@T" (* 2 depth)))
  (write-char close stream))

(defun write-json-float (value stream)
  (let ((*read-default-float-format* 'double-float))
    (prin1 value stream)))

(defun write-json-string (string stream)
  (write-char #\" stream)
  (dotimes (i (length string))
    (let* ((character (char string i)) (code (char-code character)))
      (cond ((char= character #\") (write-string "\\\"" stream))
            ((char= character #\\) (write-string "\\\\" stream))
            ((eql code 8) (write-string "\\b" stream))
            ((eql code 9) (write-string "\\t" stream))
            ((eql code 10) (write-string "\\n" stream))
            ((eql code 12) (write-string "\\f" stream))
            ((eql code 13) (write-string "\\r" stream))
            ((< code 32) (format stream "\\u~(~4,'0X~)" code))
            (t (write-char character stream)))))
  (write-char #\" stream))
