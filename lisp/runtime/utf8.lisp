;;;; UTF-8 between octet vectors and simple strings (RFC 3629; the Unicode Standard, table 3-7).

(in-package :clysm)

(defun %utf8-length (string start end)
  "How many octets the characters START to END of the simple STRING take."
  (let ((i (%i32 start)) (n (%i32 end)) (count (%i32 0)))
    (loop
      (when (%i32.ge_s i n) (return (%fixnum count)))
      (let ((code (%array-ref string string i)))
        (setq count
              (%i32.add count
                        (cond ((%i32.lt_u code (%i32 #x80)) (%i32 1))
                              ((%i32.lt_u code (%i32 #x800)) (%i32 2))
                              ((%i32.lt_u code (%i32 #x10000)) (%i32 3))
                              (t (%i32 4))))))
      (setq i (%i32.add i (%i32 1))))))

(defmacro %put-octet (value)
  "Stores the raw VALUE at the encoder's position OUT and advances it."
  `(progn (%array-set u8-vector octets out ,value)
          (setq out (%i32.add out (%i32 1)))))

(defmacro %continuation (code shift)
  `(%i32.or (%i32 #x80) (%i32.and (%i32.shr_u ,code (%i32 ,shift)) (%i32 #x3f))))

(defun %utf8-encode (string start end octets out-start)
  "Writes the characters START to END of the simple STRING into OCTETS, which has room; returns the index after them."
  (let ((i (%i32 start)) (n (%i32 end)) (out (%i32 out-start)))
    (loop
      (when (%i32.ge_s i n) (return (%fixnum out)))
      (let ((code (%array-ref string string i)))
        (cond ((%i32.lt_u code (%i32 #x80))
               (%put-octet code))
              ((%i32.lt_u code (%i32 #x800))
               (%put-octet (%i32.or (%i32 #xc0) (%i32.shr_u code (%i32 6))))
               (%put-octet (%continuation code 0)))
              ((%i32.lt_u code (%i32 #x10000))
               (%put-octet (%i32.or (%i32 #xe0) (%i32.shr_u code (%i32 12))))
               (%put-octet (%continuation code 6))
               (%put-octet (%continuation code 0)))
              (t
               (%put-octet (%i32.or (%i32 #xf0) (%i32.shr_u code (%i32 18))))
               (%put-octet (%continuation code 12))
               (%put-octet (%continuation code 6))
               (%put-octet (%continuation code 0)))))
      (setq i (%i32.add i (%i32 1))))))

(defun %utf8-sequence (octets i end)
  "Decodes the sequence of several octets at index I of OCTETS.
Two values: the code point and its length; or -1 and the count of octets at I that no valid sequence begins with;
or -2 and 0 when the sequence is valid up to END but incomplete."
  (let* ((first (%array-ref u8-vector octets i))
         (length (cond ((< first #xc2) 0) ((< first #xe0) 2) ((< first #xf0) 3) ((< first #xf5) 4) (t 0)))
         ;; The second octet's range excludes overlong forms, surrogates and codes above #x10FFFF.
         (low (case first (#xe0 #xa0) (#xf0 #x90) (t #x80)))
         (high (case first (#xed #x9f) (#xf4 #x8f) (t #xbf)))
         (code (case length (2 (logand first #x1f)) (3 (logand first #x0f)) (t (logand first #x07)))))
    (if (= length 0)
        (values -1 1)
        (do ((k 1 (+ k 1)))
            ((= k length) (values code length))
          (if (>= (+ i k) end)
              (return (values -2 0))
              (let ((octet (%array-ref u8-vector octets (+ i k))))
                (unless (<= low octet high)
                  (return (values -1 k)))
                (setq low #x80
                      high #xbf
                      code (logior (ash code 6) (logand octet #x3f)))))))))

(defun %utf8-decode (octets start end buffer at)
  "Decodes the octets START to END into the simple string BUFFER from index AT, where there is room, until they end, an
incomplete sequence or an invalid one.  Three values: the index after the last character, the index of the first octet
not decoded, and how many octets are invalid there (0: none)."
  (let ((i (%i32 start)) (n (%i32 end)) (out (%i32 at)))
    (loop
      (when (%i32.ge_s i n)
        (return (values (%fixnum out) (%fixnum i) 0)))
      (let ((octet (%array-ref u8-vector octets i)))
        (if (%i32.lt_u octet (%i32 #x80))
            (progn
              (%array-set string buffer out octet)
              (setq i (%i32.add i (%i32 1))))
            (multiple-value-bind (code length) (%utf8-sequence octets (%fixnum i) end)
              (cond ((>= code 0)
                     (%array-set string buffer out (%i32 code))
                     (setq i (%i32.add i (%i32 length))))
                    (t (return (values (%fixnum out) (%fixnum i) length)))))))
      (setq out (%i32.add out (%i32 1))))))

(defun %string-octets (string)
  "The UTF-8 of STRING as a fresh octet vector."
  (multiple-value-bind (data offset) (%string-window string)
    (let* ((end (+ offset (length string)))
           (octets (%array-new u8-vector (%utf8-length data offset end) 0)))
      (%utf8-encode data offset end octets 0)
      octets)))

(defun %octets-string (octets start end)
  "The simple string that the octets START to END are the UTF-8 of; what is invalid becomes U+FFFD."
  (let ((buffer (%array-new string (- end start) 0))
        (count 0)
        (index start))
    (loop
      (multiple-value-bind (written next invalid) (%utf8-decode octets index end buffer count)
        (setq count written
              index next)
        (when (>= index end) (return))
        (%array-set string buffer count (%i32 #xfffd))
        (setq count (+ count 1)
              index (if (= invalid 0) end (+ index invalid)))))
    (%simple-substring buffer 0 count)))

(defun %simple-substring (string start end)
  "A fresh simple string of the characters START to END of the simple STRING."
  (let ((result (%array-new string (- end start) 0)))
    (%array-copy string result 0 string string start (- end start))
    result))
