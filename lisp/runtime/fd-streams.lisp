;;;; Streams over host descriptors: buffering, encodings, binary elements, positions.
;;;;
;;;; Input octets wait in OCTETS from OCTET-INDEX to OCTET-LIMIT; decoding moves a run of them into the input window.
;;;; Output characters wait in the output window and are encoded when it is handed over; bytes wait in OUT-OCTETS.
;;;; At most one of the three kinds of waiting data on a stream open in both directions belongs to the current position:
;;;; changing from reading to writing seeks back over what was read ahead, the other way round hands output over.

(in-package :clysm)

(defglobal *fd-chunk* 32768)              ; octets asked of the host at once
(defglobal *fd-window* 8192)              ; characters, or bytes, that wait for handing over

;;; The host

(defun %fd-host-error (stream code)
  (%error 'host-stream-error :stream stream :reason (%host-error-text code)))

(defun %fd-checked (stream result)
  "RESULT of a host import, unless it is negative: an error code."
  (if (< result 0) (%fd-host-error stream result) result))

(defun %fd-read-chunk (stream)
  "Fresh octets from the host; none at the end of the file."
  (let ((fd (%fd-descriptor stream)))
    (or (cond ((file-stream-p stream) (%fs.read fd *fd-chunk*))
              (t (%finish-standard-output)
                 (if (%fd-interactive-p stream)
                     (%io.read-line fd)
                     (%io.read-string fd *fd-chunk*))))
        (%fd-host-error stream (%io.last-error)))))

(defun %fd-hand-over (stream octets end)
  "Writes the first END of OCTETS."
  (let ((fd (%fd-descriptor stream))
        (start 0)
        (file (file-stream-p stream)))
    (loop
      (when (>= start end) (return))
      (let ((count (if file
                       (%fs.write fd octets start end)
                       (%io.write-string fd octets start end))))
        (when (<= count 0) (%fd-host-error stream count))
        (setq start (+ start count))))))

;;; Input

(defun %fd-window-octets (stream)
  "How many octets of the file the unread characters of the input window stand for."
  (let ((index (%in-index stream)) (limit (%in-limit stream)))
    (cond ((>= index limit) 0)
          ((%fd-replaced stream)
           (+ (%fd-encoded-length stream (%in-buffer stream) index (- limit 1)) (%fd-replaced stream)))
          (t (%fd-encoded-length stream (%in-buffer stream) index limit)))))

(defun %fd-encoded-length (stream string start end)
  (if (%fd-latin-1-p stream)
      (- end start)
      (%utf8-length string start end)))

(defun %fd-latin-1-p (stream)
  "Whether STREAM is encoded in latin-1, which only a file can be."
  (and (file-stream-p stream) (eq (%fd-encoding stream) :latin-1)))

(defun %fd-more-octets (stream)
  "Appends a chunk to the waiting octets.  False at the end of the file."
  (let* ((chunk (%fd-read-chunk stream))
         (size (%array-length u8-vector chunk))
         (index (%fd-octet-index stream))
         (waiting (- (%fd-octet-limit stream) index)))
    (cond ((= size 0) nil)
          (t (if (= waiting 0)
                 (setf (%fd-octets stream) chunk)
                 (let ((joined (%array-new u8-vector (+ waiting size) 0)))
                   (%array-copy u8-vector joined 0 u8-vector (%fd-octets stream) index waiting)
                   (%array-copy u8-vector joined waiting u8-vector chunk 0 size)
                   (setf (%fd-octets stream) joined)))
             (setf (%fd-octet-index stream) 0
                   (%fd-octet-limit stream) (+ waiting size)
                   (%fd-octets-read stream) (+ (%fd-octets-read stream) size))
             t))))

(defun %fd-open-window (stream room)
  "Empties the input window and makes room for ROOM characters after index 0, which keeps the last character read so that
it can be unread.  Returns the buffer."
  (let* ((old (%in-buffer stream))
         (index (%in-index stream))
         (buffer (if (> (%array-length string old) room) old (%array-new string (+ room 1) 0))))
    (when (> index 0)
      (%array-set string buffer 0 (%array-ref string old (- index 1))))
    (setf (%fd-replaced stream) nil)
    (%set-in-buffer stream buffer)
    (%set-in-index stream 1)
    (%set-in-limit stream 1)
    buffer))

(defun %fd-decode-latin-1 (octets start end buffer)
  (let ((i (%i32 start)) (n (%i32 end)) (out (%i32 1)))
    (loop
      (when (%i32.ge_s i n) (return (%fixnum out)))
      (%array-set string buffer out (%array-ref u8-vector octets i))
      (setq i (%i32.add i (%i32 1))
            out (%i32.add out (%i32 1))))))

(defun %fd-decode (stream)
  "Decodes waiting octets into an empty input window.  Returns how many octets at the index are invalid."
  (let* ((start (%fd-octet-index stream))
         (end (%fd-octet-limit stream))
         (octets (%fd-octets stream))
         (buffer (%fd-open-window stream (- end start))))
    (cond ((>= start end) 0)
          ((%fd-latin-1-p stream)
           (%set-in-limit stream (%fd-decode-latin-1 octets start end buffer))
           (setf (%fd-octet-index stream) end)
           0)
          (t (multiple-value-bind (limit next invalid) (%utf8-decode octets start end buffer 1)
               (%set-in-limit stream limit)
               (setf (%fd-octet-index stream) next)
               invalid)))))

(defun %fd-replace-invalid (stream count character)
  "Takes CHARACTER for the COUNT octets that are invalid."
  (let ((buffer (%fd-open-window stream 1)))
    (%array-set string buffer 1 (%get character code character))
    (setf (%fd-replaced stream) count
          (%fd-octet-index stream) (+ (%fd-octet-index stream) count))
    (%set-in-limit stream 2)))

(defun %fd-invalid-octets (stream count)
  "Reports the COUNT invalid octets; they are replaced or skipped when this returns."
  (let* ((start (%fd-octet-index stream))
         (octets (coerce (subseq (%fd-octets stream) start (+ start count)) 'list)))
    (if (%fd-replacement stream)
        (%fd-replace-invalid stream count (%fd-replacement stream))
        (restart-case
            (%error 'stream-decoding-error :stream stream :octets octets
                                          :position (- (%fd-raw-position stream) (- (%fd-octet-limit stream) start)))
          (input-replacement (&optional (character (code-char #xfffd)))
            :report "Take a replacement character for the octets."
            (%fd-replace-invalid stream count character))
          (attempt-resync ()
            :report "Skip the octets."
            (setf (%fd-octet-index stream) (+ start count)))))))

(defun %fd-fill (stream)
  "Makes the input window hold a character.  False at the end of the file."
  (%fd-end-output stream)
  (loop
    (let ((invalid (%fd-decode stream)))
      (cond ((< (%in-index stream) (%in-limit stream)) (return t))
            ((> invalid 0) (%fd-invalid-octets stream invalid))
            ((%fd-more-octets stream))
            ((< (%fd-octet-index stream) (%fd-octet-limit stream))
             (%fd-invalid-octets stream (- (%fd-octet-limit stream) (%fd-octet-index stream))))
            (t (return nil)))
      (when (< (%in-index stream) (%in-limit stream)) (return t)))))

(defun %window-next (stream)
  "Takes the next character of the input window, which is not empty."
  (let ((i (%in-index stream)))
    (%set-in-index stream (+ i 1))
    (code-char (%array-ref string (%in-buffer stream) i))))

(defun %window-unread (stream character)
  "Puts CHARACTER, just read, back into the input window."
  (let ((i (- (%in-index stream) 1)))
    (when (or (< i 0) (not (char= character (code-char (%array-ref string (%in-buffer stream) i)))))
      (%error "~S was not the last character read from ~S." character stream))
    (%set-in-index stream i)))

(defun %fd-read-char (stream)
  (if (%fd-fill stream) (%window-next stream) nil))

(defun %fd-peek-char (stream)
  (if (%fd-fill stream)
      (code-char (%array-ref string (%in-buffer stream) (%in-index stream)))
      nil))

(defun %window-newline (stream)
  "The index of the next newline of the input window, or its limit."
  (let ((buffer (%in-buffer stream)) (i (%i32 (%in-index stream))) (n (%i32 (%in-limit stream))))
    (loop
      (when (or (%i32.ge_s i n) (%i32.eq (%array-ref string buffer i) (%i32 10)))
        (return (%fixnum i)))
      (setq i (%i32.add i (%i32 1))))))

(defun %window-take (stream end)
  "A fresh string of the input window up to index END, which is consumed."
  (let ((string (%simple-substring (%in-buffer stream) (%in-index stream) end)))
    (%set-in-index stream end)
    string))

(defun %join-strings (pieces)
  "The concatenation of the simple strings of the list PIECES."
  (let ((size 0))
    (dolist (piece pieces) (setq size (+ size (%array-length string piece))))
    (let ((result (%array-new string size 0)) (at 0))
      (dolist (piece pieces result)
        (let ((n (%array-length string piece)))
          (%array-copy string result at string piece 0 n)
          (setq at (+ at n)))))))

(defun %fd-read-line (stream)
  (let ((pieces '()))
    (loop
      (unless (or (< (%in-index stream) (%in-limit stream)) (%fd-fill stream))
        (return (values (if pieces (%join-strings (nreverse pieces)) nil) t)))
      (let* ((end (%window-newline stream))
             (found (< end (%in-limit stream)))
             (piece (%window-take stream end)))
        (when found
          (%set-in-index stream (+ end 1))
          (return (values (if pieces (%join-strings (nreverse (cons piece pieces))) piece) nil)))
        (push piece pieces)))))

(defun %fd-waiting-p (stream)
  (or (< (%in-index stream) (%in-limit stream))
      (< (%fd-octet-index stream) (%fd-octet-limit stream))))

(defun %fd-listen (stream)
  "T when input waits, :EOF at the end, NIL when only waiting for someone to type would tell."
  (cond ((%fd-waiting-p stream) t)
        ((%fd-interactive-p stream) nil)
        (t (%fd-end-output stream)
           (if (%fd-more-octets stream) t :eof))))

(defun %fd-clear-input (stream)
  (when (%fd-interactive-p stream)
    (%set-in-limit stream 0)
    (%set-in-index stream 0)
    (setf (%fd-octet-index stream) 0
          (%fd-octet-limit stream) 0)))

;;; Binary input

(defun %fd-release-window (stream)
  "Gives the characters read ahead back to the waiting octets."
  (let* ((count (%fd-window-octets stream))
         (index (- (%fd-octet-index stream) count)))
    (if (>= index 0)
        (setf (%fd-octet-index stream) index)
        (let* ((waiting (- (%fd-octet-limit stream) (%fd-octet-index stream)))
               (joined (%array-new u8-vector (+ count waiting) 0)))
          (%fd-encode stream (%in-buffer stream) (%in-index stream) (%in-limit stream) joined 0)
          (%array-copy u8-vector joined count u8-vector (%fd-octets stream) (%fd-octet-index stream) waiting)
          (setf (%fd-octets stream) joined
                (%fd-octet-index stream) 0
                (%fd-octet-limit stream) (+ count waiting))))
    (%set-in-limit stream 0)
    (%set-in-index stream 0)))

(defun %fd-octets-wait-p (stream count)
  "Makes COUNT octets wait.  False when the file ends before."
  (%fd-end-output stream)
  (when (< (%in-index stream) (%in-limit stream))
    (%fd-release-window stream))
  (loop
    (cond ((>= (- (%fd-octet-limit stream) (%fd-octet-index stream)) count) (return t))
          ((not (%fd-more-octets stream)) (return nil)))))

(defun %fd-read-byte (stream)
  (let ((count (%fd-byte-octets stream)))
    (if (%fd-octets-wait-p stream count)
        (let ((octets (%fd-octets stream)) (index (%fd-octet-index stream)))
          (setf (%fd-octet-index stream) (+ index count))
          (%fd-integer stream octets index count))
        nil)))

(defun %fd-integer (stream octets index count)
  "The integer of the COUNT little-endian octets at INDEX."
  (if (and (= count 1) (not (%fd-byte-signed-p stream)))
      (%array-ref u8-vector octets index)
      (let ((value 0))
        (do ((k (- count 1) (- k 1)))
            ((< k 0))
          (setq value (+ (* value 256) (%array-ref u8-vector octets (+ index k)))))
        (if (and (%fd-byte-signed-p stream) (>= (%array-ref u8-vector octets (+ index (- count 1))) 128))
            (- value (ash 1 (* 8 count)))
            value))))

(defun %octet-stream-p (stream)
  "Whether STREAM is a binary stream over a descriptor whose elements are octets."
  (and (fd-stream-p stream)
       (not (%closed-p stream))
       (= (%fd-byte-octets stream) 1)
       (= (%fd-byte-bits stream) 8)
       (not (%fd-byte-signed-p stream))
       (not (eq (%element-type stream) 'character))))

(defun %read-octets (vector stream start end)
  "Fills the elements START to END of the octet VECTOR; returns the index of the first one not filled."
  (unless (%fd-input-p stream) (%refuse-binary-input stream))
  (let ((index start))
    (loop
      (when (or (>= index end) (not (%fd-octets-wait-p stream 1)))
        (return index))
      (let* ((from (%fd-octet-index stream))
             (count (min (- end index) (- (%fd-octet-limit stream) from))))
        (%array-copy u8-vector vector index u8-vector (%fd-octets stream) from count)
        (setf (%fd-octet-index stream) (+ from count))
        (setq index (+ index count))))))

;;; Output

(defun %fd-encode-latin-1 (stream string start end octets at)
  (do ((i start (+ i 1)))
      ((>= i end) at)
    (let ((code (%array-ref string string i)))
      (%array-set u8-vector octets at
                  (if (< code 256) code (%fd-unencodable stream (code-char code))))
      (setq at (+ at 1)))))

(defun %fd-unencodable (stream character)
  "The code that stands for CHARACTER, which has no latin-1 encoding."
  (char-code
   (or (%fd-replacement stream)
       (restart-case (%error 'stream-encoding-error :stream stream :character character
                                                   :external-format (%fd-external-format stream))
         (output-replacement (&optional (replacement #\?))
           :report "Write a replacement character."
           replacement)))))

(defun %fd-encode (stream string start end octets at)
  "Encodes into OCTETS, which has room, from index AT; returns the index after them."
  (if (%fd-latin-1-p stream)
      (%fd-encode-latin-1 stream string start end octets at)
      (%utf8-encode string start end octets at)))

(defun %fd-flush (stream)
  "Hands over what waits for output."
  (let ((characters (%out-index stream)) (count (%fd-out-octet-index stream)))
    (when (> characters 0)
      (let* ((buffer (%out-buffer stream))
             (size (%fd-encoded-length stream buffer 0 characters))
             (octets (%array-new u8-vector size 0))
             (column (%window-column stream)))
        ;; Emptied before the host sees it: output that fails is not tried again at close.
        (%set-out-index stream 0)
        (%set-out-column stream column)
        (%fd-encode stream buffer 0 characters octets 0)
        (%fd-hand-over stream octets size)))
    (when (> count 0)
      (setf (%fd-out-octet-index stream) 0)
      (%fd-hand-over stream (%fd-out-octets stream) count))))

(defun %fd-finish (stream)
  "Hands over what waits for output, and has the host write what it keeps."
  (%fd-flush stream)
  (%fd-checked stream (%io.flush (%fd-descriptor stream))))

(defun %fd-end-output (stream)
  "Hands output over and closes the output window before STREAM is read or moved."
  (when (%fd-output-p stream)
    (%fd-flush stream)
    (%set-out-limit stream 0)))

(defun %fd-begin-output (stream)
  "Drops what was read ahead, before STREAM is written at the position the program has reached."
  (when (and (file-stream-p stream) (%fd-input-p stream) (%fd-waiting-p stream) (%fd-seekable-p stream))
    (let ((position (- (%fd-raw-position stream)
                       (- (%fd-octet-limit stream) (%fd-octet-index stream))
                       (%fd-window-octets stream))))
      (%fd-forget-input stream)
      (%fd-checked stream (%fs.seek (%fd-descriptor stream) position)))))

(defun %fd-forget-input (stream)
  (%set-in-limit stream 0)
  (%set-in-index stream 0)
  (setf (%fd-octet-index stream) 0
        (%fd-octet-limit stream) 0))

(defun %fd-begin-characters (stream)
  (%fd-begin-output stream)
  (when (> (%fd-out-octet-index stream) 0) (%fd-flush stream))
  (when (= (%array-length string (%out-buffer stream)) 0)
    (%set-out-buffer stream (%array-new string *fd-window* 0)))
  (when (eq (%fd-buffering stream) :full)
    (%set-out-limit stream (%array-length string (%out-buffer stream)))))

(defun %fd-write-char (stream character)
  (%fd-begin-characters stream)
  (when (>= (%out-index stream) (%array-length string (%out-buffer stream)))
    (%fd-flush stream))
  (let ((index (%out-index stream)))
    (%array-set string (%out-buffer stream) index (%get character code character))
    (%set-out-index stream (+ index 1)))
  (case (%fd-buffering stream)
    (:none (%fd-flush stream))
    (:line (when (char= character #\Newline) (%fd-flush stream)))))

(defun %fd-write-string (stream data start end)
  (%fd-begin-characters stream)
  (let ((from start))
    (loop
      (when (>= from end) (return))
      (let* ((index (%out-index stream))
             (room (- (%array-length string (%out-buffer stream)) index))
             (count (min room (- end from))))
        (cond ((= room 0) (%fd-flush stream))
              (t (%array-copy string (%out-buffer stream) index string data from count)
                 (%set-out-index stream (+ index count))
                 (setq from (+ from count)))))))
  (case (%fd-buffering stream)
    (:none (%fd-flush stream))
    (:line (when (%newline-between-p data start end) (%fd-flush stream)))))

(defun %newline-between-p (data start end)
  (let ((i (%i32 start)) (n (%i32 end)))
    (loop
      (when (%i32.ge_s i n) (return nil))
      (when (%i32.eq (%array-ref string data i) (%i32 10)) (return t))
      (setq i (%i32.add i (%i32 1))))))

;;; Binary output

(defun %fd-begin-bytes (stream)
  (%fd-begin-output stream)
  (when (> (%out-index stream) 0) (%fd-flush stream))
  (%set-out-limit stream 0)
  (unless (%fd-out-octets stream)
    (setf (%fd-out-octets stream) (%array-new u8-vector *fd-window* 0))))

(defun %fd-check-byte (stream integer)
  (let ((bits (%fd-byte-bits stream)))
    (if (%fd-byte-signed-p stream)
        (unless (< (integer-length integer) bits)
          (%type-error integer `(signed-byte ,bits)))
        (unless (and (>= integer 0) (<= (integer-length integer) bits))
          (%type-error integer `(unsigned-byte ,bits))))))

(defun %fd-put-octets (stream integer count)
  "Adds the COUNT low octets of INTEGER, the lowest first."
  (when (> (+ (%fd-out-octet-index stream) count) (%array-length u8-vector (%fd-out-octets stream)))
    (%fd-flush stream))
  (let ((octets (%fd-out-octets stream)) (index (%fd-out-octet-index stream)))
    (dotimes (k count)
      (%array-set u8-vector octets (+ index k) (logand integer 255))
      (setq integer (ash integer -8)))
    (setf (%fd-out-octet-index stream) (+ index count))))

(defun %fd-write-byte (stream integer)
  (%fd-check-byte stream integer)
  (%fd-begin-bytes stream)
  (%fd-put-octets stream integer (%fd-byte-octets stream))
  (unless (eq (%fd-buffering stream) :full) (%fd-flush stream)))

(defun %write-octets (vector stream start end)
  "Writes the elements START to END of the octet VECTOR."
  (unless (%fd-output-p stream) (%refuse-binary-output stream nil))
  (%fd-begin-bytes stream)
  (let ((index start))
    (loop
      (when (>= index end) (return))
      (let* ((octets (%fd-out-octets stream))
             (at (%fd-out-octet-index stream))
             (count (min (- end index) (- (%array-length u8-vector octets) at))))
        (cond ((= count 0) (%fd-flush stream))
              (t (%array-copy u8-vector octets at u8-vector vector index count)
                 (setf (%fd-out-octet-index stream) (+ at count))
                 (setq index (+ index count)))))))
  (unless (eq (%fd-buffering stream) :full) (%fd-flush stream)))

;;; Positions.  The unit is an octet on a character stream, an element on a binary one.

(defun %fd-raw-position (stream)
  "Where the host is in the file, or how much of a stream without positions it has read."
  (if (%fd-seekable-p stream)
      (%fd-checked stream (%fs.position (%fd-descriptor stream)))
      (%fd-octets-read stream)))

(defun %fd-position (stream)
  (if (%fd-seekable-p stream)
      (let ((octets (+ (- (%fd-raw-position stream)
                          (- (%fd-octet-limit stream) (%fd-octet-index stream))
                          (%fd-window-octets stream))
                       (%fd-encoded-length stream (%out-buffer stream) 0 (%out-index stream))
                       (%fd-out-octet-index stream))))
        (values (floor octets (%fd-byte-octets stream))))
      nil))

(defun %fd-set-position (stream position)
  (if (%fd-seekable-p stream)
      (let ((fd (%fd-descriptor stream)))
        (%fd-end-output stream)
        (%fd-forget-input stream)
        (%set-out-column stream 0)
        (%fd-checked stream
                     (%fs.seek fd (case position
                                    (:start 0)
                                    (:end (%fd-checked stream (%fs.size fd)))
                                    (t (* position (%fd-byte-octets stream))))))
        t)
      nil))

(defun %fd-length (stream)
  (unless (file-stream-p stream) (%refuse-file-operation stream))
  (when (%fd-output-p stream) (%fd-flush stream))
  (values (floor (%fd-checked stream (%fs.size (%fd-descriptor stream))) (%fd-byte-octets stream))))

(defun %fd-close (stream abort)
  "Hands output over and closes the descriptor; a file is then put in place or, when ABORT is true, taken back."
  (unwind-protect
       (when (and (%fd-output-p stream) (not abort))
         (%fd-flush stream))
    (when (file-stream-p stream)
      (%fs.close (%fd-descriptor stream))))
  (when (file-stream-p stream)
    (%file-closed stream abort)))

;;; The tables of operations: what all have in common, and what comes with directions and kinds of elements

(%define-operations *fd-operations* *default-operations*
  %op-close #'%fd-close
  %op-interactive-p #'%fd-interactive-p
  %op-external-format #'%fd-external-format
  %op-position #'%fd-position
  %op-set-position #'%fd-set-position
  %op-length #'%fd-length
  %op-string-length #'%fd-encoded-length)

(%define-operations *fd-input-operations* nil
  %op-input-p (lambda (stream) (declare (ignore stream)) t)
  %op-listen #'%fd-listen
  %op-clear-input #'%fd-clear-input)

(%define-operations *fd-character-input-operations* nil
  %op-read-char #'%fd-read-char
  %op-peek-char #'%fd-peek-char
  %op-unread-char #'%window-unread
  %op-read-line #'%fd-read-line)

(%define-operations *fd-binary-input-operations* nil
  %op-read-byte #'%fd-read-byte)

(%define-operations *fd-output-operations* nil
  %op-output-p (lambda (stream) (declare (ignore stream)) t)
  %op-finish-output #'%fd-finish
  %op-clear-output #'%no-operation)

(%define-operations *fd-character-output-operations* nil
  %op-write-char #'%fd-write-char
  %op-write-string #'%fd-write-string
  %op-column #'%window-column)

(%define-operations *fd-binary-output-operations* nil
  %op-write-byte #'%fd-write-byte)

(defun %add-operations (table more)
  "Puts the operations of the table MORE into TABLE."
  (dotimes (index *operation-count* table)
    (let ((operation (%array-ref simple-vector more index)))
      (when operation
        (%array-set simple-vector table index operation)))))

(defun %add-input-operations (table characters bytes)
  (%add-operations table *fd-input-operations*)
  (when characters (%add-operations table *fd-character-input-operations*))
  (when bytes (%add-operations table *fd-binary-input-operations*))
  table)

(defun %add-output-operations (table characters bytes)
  (%add-operations table *fd-output-operations*)
  (when characters (%add-operations table *fd-character-output-operations*))
  (when bytes (%add-operations table *fd-binary-output-operations*))
  table)

(defun %fd-operation-table (input-p output-p characters bytes)
  (let ((table (%copy-operations *fd-operations*)))
    (when input-p (%add-input-operations table characters bytes))
    (when output-p (%add-output-operations table characters bytes))
    table))
