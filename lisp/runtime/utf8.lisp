;;;; UTF-8 between octet vectors and simple strings (RFC 3629; the Unicode Standard, table 3-7).

(in-package :clysm)

(defun %utf8-length (string start end)
  "How many octets the characters START to END of the simple STRING take."
  (let ((n (%i32 end)) (count (%i32 0)))
    (%array-length string string)       ; the type is checked once, and not in each turn; likewise below
    (do ((i (%i32 start) (%i32.add i 1)))
        ((%i32.ge_s i n) (%fixnum count))
      (let ((code (%array-ref string string i)))
        (setq count
              (%i32.add count
                        (cond ((%i32.lt_u code #x80) (%i32 1))
                              ((%i32.lt_u code #x800) (%i32 2))
                              ((%i32.lt_u code #x10000) (%i32 3))
                              (t (%i32 4)))))))))

(%define-raw %put-octet ((octets eq) (at i32) (value i32)) i32
  (%array-set u8-vector octets at value)
  (%i32.add at 1))

;; The octet for the six bits of CODE above the lowest SHIFT ones.
(%define-raw %put-continuation ((octets eq) (at i32) (code i32) (shift i32)) i32
  (%put-octet octets at (%i32.or #x80 (%i32.and (%i32.shr_u code shift) #x3f))))

(defun %utf8-encode (string start end octets out-start)
  "Writes the characters START to END of the simple STRING into OCTETS, which has room; returns the index after them."
  (let ((n (%i32 end)) (out (%i32 out-start)))
    (%array-length string string)
    (%array-length u8-vector octets)
    (do ((i (%i32 start) (%i32.add i 1)))
        ((%i32.ge_s i n) (%fixnum out))
      (let ((code (%array-ref string string i)))
        (cond ((%i32.lt_u code #x80)
               (%array-set u8-vector octets out code)
               (setq out (%i32.add out 1)))
              ((%i32.lt_u code #x800)
               (setq out (%put-octet octets out (%i32.or #xc0 (%i32.shr_u code 6)))
                     out (%put-continuation octets out code 0)))
              ((%i32.lt_u code #x10000)
               (setq out (%put-octet octets out (%i32.or #xe0 (%i32.shr_u code 12)))
                     out (%put-continuation octets out code 6)
                     out (%put-continuation octets out code 0)))
              (t
               (setq out (%put-octet octets out (%i32.or #xf0 (%i32.shr_u code 18)))
                     out (%put-continuation octets out code 12)
                     out (%put-continuation octets out code 6)
                     out (%put-continuation octets out code 0))))))))

(defun %utf8-sequence (octets i end)
  "Decodes the sequence of several octets at index I of OCTETS.
Two values: the code point and its length; or -1 and the count of octets at I that no valid sequence begins with;
or -2 and 0 when the sequence is valid up to END but incomplete."
  (let* ((i (%i32 i))
         (end (%i32 end))
         (first (%i32 (%array-ref u8-vector octets i)))
         (length (%i32 (cond ((%i32.lt_u first #xc2) 0)
                             ((%i32.lt_u first #xe0) 2)
                             ((%i32.lt_u first #xf0) 3)
                             ((%i32.lt_u first #xf5) 4)
                             (t 0))))
         ;; The second octet's range excludes overlong forms, surrogates and codes above #x10FFFF.
         (low (%i32 (cond ((%i32.eq first #xe0) #xa0) ((%i32.eq first #xf0) #x90) (t #x80))))
         (high (%i32 (cond ((%i32.eq first #xed) #x9f) ((%i32.eq first #xf4) #x8f) (t #xbf))))
         (code (%i32.and first (cond ((%i32.eq length 2) #x1f) ((%i32.eq length 3) #x0f) (t #x07)))))
    (if (%i32.eqz length)
        (values -1 1)
        (do ((k (%i32 1) (%i32.add k 1)))
            ((%i32.eq k length) (values (%fixnum code) (%fixnum length)))
          (if (%i32.ge_s (%i32.add i k) end)
              (return (values -2 0)))
          (let ((octet (%i32 (%array-ref u8-vector octets (%i32.add i k)))))
            (if (or (%i32.lt_u octet low) (%i32.gt_u octet high))
                (return (values -1 (%fixnum k))))
            (setq low (%i32 #x80)
                  high (%i32 #xbf)
                  code (%i32.or (%i32.shl code 6) (%i32.and octet #x3f))))))))

(defun %utf8-decode (octets start end buffer at)
  "Decodes the octets START to END into the simple string BUFFER from index AT, where there is room, until they end, an
incomplete sequence or an invalid one.  Three values: the index after the last character, the index of the first octet
not decoded, and how many octets are invalid there (0: none)."
  (let ((i (%i32 start)) (n (%i32 end)))
    (%array-length u8-vector octets)
    (%array-length string buffer)
    (do ((out (%i32 at) (%i32.add out 1)))
        ((%i32.ge_s i n) (values (%fixnum out) (%fixnum i) 0))
      (let ((octet (%array-ref u8-vector octets i)))
        (if (%i32.lt_u octet #x80)
            (progn
              (%array-set string buffer out octet)
              (setq i (%i32.add i 1)))
            (multiple-value-bind (code length) (%utf8-sequence octets (%fixnum i) end)
              (if (%i32.lt_s code 0)
                  (return (values (%fixnum out) (%fixnum i) length)))
              (%array-set string buffer out (%i32 code))
              (setq i (%i32.add i (%i32 length)))))))))

(defun %octets-string (octets start end)
  "The simple string that the octets START to END are the UTF-8 of; what is invalid becomes U+FFFD."
  (let* ((size (%i32.sub end start))
         (buffer (%array-new string size 0))
         (count (%i32 0))
         (index (%i32 start)))
    (%array-length u8-vector octets)
    (%array-length string buffer)
    ;; Most often there is nothing but ASCII.
    (do ()
        ((%i32.ge_s count size))
      (let ((octet (%array-ref u8-vector octets index)))
        (when (%i32.ge_u octet #x80)
          (return))
        (%array-set string buffer count octet)
        (setq count (%i32.add count 1)
              index (%i32.add index 1))))
    (do ()
        ((%i32.ge_s index end))
      (multiple-value-bind (written next invalid) (%utf8-decode octets (%fixnum index) end buffer (%fixnum count))
        (setq count (%i32 written)
              index (%i32 next))
        (if (%i32.lt_s index end)
            (progn
              (%array-set string buffer count #xfffd)
              (setq count (%i32.add count 1)
                    index (if (eq invalid 0) (%i32 end) (%i32.add index invalid)))))))
    (%simple-prefix buffer (%fixnum count))))

(defun %simple-prefix (string count)
  "A simple string of the first COUNT characters of the simple STRING, which may be that itself."
  (if (%i32.eq count (%array-length string string))
      string
      (%simple-substring string 0 count)))

(defun %simple-substring (string start end)
  "A fresh simple string of the characters START to END of the simple STRING."
  (let* ((count (%i32.sub end start))
         (result (%array-new string count 0)))
    (%array-copy string result 0 string string start count)
    result))
