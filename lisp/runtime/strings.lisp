;;;; Strings (CLHS 16). A simple string is a data vector of code points; any other string is an array header over one.

(in-package :clysm)

;;; Kinds of strings and their contents.

(defun simple-string-p (object)
  (%is string object))

(defun stringp (object)
  (or (%is string object)
      (and (%is array object)
           (%i32.eq (%array-length simple-vector (%get array dimensions object)) 1)
           (%is string (%array-data object)))))

(defun %check-string (object)
  "Signals unless OBJECT is a string."
  (unless (stringp object)
    (%type-error object 'string)))

(defun %string-length (string)
  "The number of active characters of STRING, which is known to be a string."
  (if (%is string string)
      (%fixnum (%array-length string string))
      (%header-length string)))

(defun %substring (data start end)
  "The fresh simple string of the characters of the simple string DATA from START below END."
  (let* ((count (%i32.sub (%i32 end) (%i32 start)))
         (result (%array-new string count 0)))
    (%array-copy string result 0 string data (%i32 start) count)
    result))

(defun %simple-copy (string)
  "A fresh simple string of the active characters of STRING."
  (let ((offset (%array-offset string)))
    (%substring (%array-data string) offset (+ offset (%string-length string)))))

(defun %simple-string (string)
  "STRING itself if it is simple, else a simple string of its active characters."
  (if (%is string string)
      string
      (%simple-copy string)))

(defun string (designator)
  (cond ((%is string designator) designator)
        ((%is symbol designator) (%get symbol name designator))
        ((%is character designator) (%array-new string 1 (%get character code designator)))
        ((stringp designator) designator)
        (t (%type-error designator '(or string symbol character)))))

(defmacro %with-string ((data offset start end) (string start-form end-form) &body body)
  "Binds DATA to the simple string that holds the characters of the string STRING and the raw variables START and END to the
places in DATA of its checked bounding indices; the character I of STRING is at OFFSET + I."
  (let ((object (gensym)) (first (gensym)))
    `(let* ((,object ,string)
            (,first ,start-form)
            (,end (%i32 (%check-bounds ,first ,end-form (%string-length ,object))))
            (,offset (%i32 (if (%is string ,object) 0 (%array-offset ,object))))
            (,data (if (%is string ,object) ,object (%array-data ,object)))
            (,start (%i32.add (%i32 ,first) ,offset))
            (,end (%i32.add ,end ,offset)))
       (declare (ignorable ,offset))
       ,@body)))

;;; Single characters (CLHS 16.2, CHAR and SCHAR). Fill pointers don't count here.

(defun %header-index (string index)
  "The place in the data of the string STRING, which is not simple, of its character INDEX; both are checked."
  (%check-string string)
  (let ((size (%fixnum (%get array size string))))
    (unless (and (%fixnump index) (%i32.lt_u (%i32 index) (%i32 size)))
      (%bad-index index size))
    (+ index (%array-offset string))))

(defun char (string index)
  (cond ((not (%is string string))
         (let ((place (%header-index string index)))
           (%character-of-code (%array-ref string (%array-data string) place))))
        ((and (%fixnump index) (%i32.lt_u (%i32 index) (%array-length string string)))
         (%character-of-code (%array-ref string string (%i32 index))))
        (t (%bad-index index (%fixnum (%array-length string string))))))

(defun (setf char) (new string index)
  (unless (%is character new)
    (%type-error new 'character))
  (cond ((not (%is string string))
         (let ((place (%header-index string index)))
           (%array-set string (%array-data string) place (%get character code new))))
        ((and (%fixnump index) (%i32.lt_u (%i32 index) (%array-length string string)))
         (%array-set string string (%i32 index) (%get character code new)))
        (t (%bad-index index (%fixnum (%array-length string string)))))
  new)

(defun schar (string index)
  (char string index))

(defun (setf schar) (new string index)
  (setf (char string index) new))

(defun make-string (size &key (initial-element (code-char 0)) (element-type 'character))
  (unless (and (%fixnump size) (< -1 size array-dimension-limit))
    (%type-error size `(integer 0 (,array-dimension-limit))))
  (unless (%is character initial-element)
    (%type-error initial-element 'character))
  (unless (or (%memq element-type '(character base-char standard-char))
              (subtypep element-type 'character))
    (%error "~S is no element type of a string" element-type))
  (%array-new string size (%get character code initial-element)))

;;; Case (CLHS 16.2.2). The workers change the simple string DATA from START below END.

(defmacro %define-case-worker (name ascii-first to-ascii other)
  "Defines NAME to convert one after the other: ASCII letters from ASCII-FIRST on by adding TO-ASCII, the rest by OTHER."
  `(defun ,name (data start end)
     (let ((end (%i32 end)))
       (do ((i (%i32 start) (%i32.add i 1)))
           ((%i32.ge_s i end) data)
         (let ((code (%array-ref string data i)))
           (if (%i32.lt_s code 128)
               (when (%i32.lt_u (%i32.sub code ,ascii-first) 26)
                 (%array-set string data i (%i32.add code ,to-ascii)))
               (%array-set string data i (%i32 (,other (%fixnum code))))))))))

(%define-case-worker %upcase-data 97 -32 %upcase-code)
(%define-case-worker %downcase-data 65 32 %downcase-code)

(defun %word-code-p (code)
  "True if the character with the code CODE belongs to a word: if it is alphanumeric."
  (or (%letter-code-p code)
      (if (%decimal-digit code) t nil)))

(defun %capitalize-data (data start end)
  (let ((end (%i32 end)) (in-word nil))
    (do ((i (%i32 start) (%i32.add i 1)))
        ((%i32.ge_s i end) data)
      (let ((code (%fixnum (%array-ref string data i))))
        (cond ((not (%word-code-p code)) (setq in-word nil))
              (in-word (%array-set string data i (%i32 (%downcase-code code))))
              (t (setq in-word t)
                 (%array-set string data i (%i32 (%upcase-code code)))))))))

(defmacro %define-case-functions (name destructive-name worker)
  `(progn
     (defun ,name (string &key (start 0) end)
       (let* ((string (string string))
              (end (%check-bounds start end (%string-length string))))
         (,worker (%simple-copy string) start end)))
     (defun ,destructive-name (string &key (start 0) end)
       (%check-string string)
       (%with-string (data offset first limit) (string start end)
         (,worker data (%fixnum first) (%fixnum limit)))
       string)))

(%define-case-functions string-upcase nstring-upcase %upcase-data)
(%define-case-functions string-downcase nstring-downcase %downcase-data)
(%define-case-functions string-capitalize nstring-capitalize %capitalize-data)

;;; Trimming (CLHS STRING-TRIM).

(defun %in-bag-p (code bag)
  "True if the sequence BAG has the character with the code CODE."
  (if (%is string bag)
      (let ((c (%i32 code)) (n (%array-length string bag)))
        (do ((i (%i32 0) (%i32.add i 1)))
            ((%i32.ge_s i n) nil)
          (when (%i32.eq c (%array-ref string bag i))
            (return t))))
      (if (find (code-char code) bag) t nil)))

(defun %trim (bag designator left right)
  "The characters of the string that DESIGNATOR stands for but those of BAG at the LEFT or RIGHT end."
  (let ((string (string designator)))
    (%with-string (data offset start end) (string 0 nil)
      (let ((first start) (limit end))
        (when left
          (do ()
              ((or (%i32.ge_s first limit)
                   (not (%in-bag-p (%fixnum (%array-ref string data first)) bag))))
            (setq first (%i32.add first 1))))
        (when right
          (do ()
              ((or (%i32.ge_s first limit)
                   (not (%in-bag-p (%fixnum (%array-ref string data (%i32.sub limit 1))) bag))))
            (setq limit (%i32.sub limit 1))))
        (if (and (%i32.eq first start) (%i32.eq limit end))
            string
            (%substring data (%fixnum first) (%fixnum limit)))))))

(defun string-trim (character-bag string)
  (%trim character-bag string t t))

(defun string-left-trim (character-bag string)
  (%trim character-bag string t nil))

(defun string-right-trim (character-bag string)
  (%trim character-bag string nil t))

;;; Comparison (CLHS 16.2.3).

(defmacro %define-comparer (name fold)
  "Defines NAME to return two values: the index into STRING-1 of the first character that differs from its counterpart after
FOLD, or is missing there, or ends the range; and -1, 0 or 1 as the range of STRING-1 is less, equal or greater."
  `(defun ,name (string-1 string-2 start1 end1 start2 end2)
     (%with-string (a offset i limit-1) ((string string-1) start1 end1)
       (%with-string (b offset-2 j limit-2) ((string string-2) start2 end2)
         (let ((i i) (j j) (order (%i32 0)))
           (do ()
               ((cond ((%i32.ge_s i limit-1)
                       (setq order (if (%i32.ge_s j limit-2) 0 -1))
                       t)
                      ((%i32.ge_s j limit-2)
                       (setq order (%i32 1))
                       t)
                      (t (let ((x (%array-ref string a i)) (y (%array-ref string b j)))
                           (if (%i32.eq x y)
                               nil
                               (let ((x (,fold x)) (y (,fold y)))
                                 (setq order (cond ((%i32.eq x y) 0) ((%i32.lt_s x y) -1) (t 1)))
                                 (%i32.ne x y)))))))
             (setq i (%i32.add i 1)
                   j (%i32.add j 1)))
           (values (%fixnum (%i32.sub i offset)) (%fixnum order)))))))

(%define-comparer %compare-strings progn)
(%define-comparer %compare-folded-strings %folded)

(defmacro %define-string-comparison (name comparer order-test)
  "Defines NAME to return the mismatch index that COMPARER finds if the order, in the variable ORDER, satisfies ORDER-TEST."
  `(defun ,name (string-1 string-2 &key (start1 0) end1 (start2 0) end2)
     (multiple-value-bind (index order) (,comparer string-1 string-2 start1 end1 start2 end2)
       (if ,order-test index nil))))

(%define-string-comparison string/= %compare-strings (not (eq order 0)))
(%define-string-comparison string< %compare-strings (< order 0))
(%define-string-comparison string> %compare-strings (> order 0))
(%define-string-comparison string<= %compare-strings (<= order 0))
(%define-string-comparison string>= %compare-strings (>= order 0))
(%define-string-comparison string-not-equal %compare-folded-strings (not (eq order 0)))
(%define-string-comparison string-lessp %compare-folded-strings (< order 0))
(%define-string-comparison string-greaterp %compare-folded-strings (> order 0))
(%define-string-comparison string-not-greaterp %compare-folded-strings (<= order 0))
(%define-string-comparison string-not-lessp %compare-folded-strings (>= order 0))

(defmacro %define-string-equality (name fold)
  "Defines NAME to tell whether two ranges have the same characters after FOLD; ranges of different length are told apart first."
  `(defun ,name (string-1 string-2 &key (start1 0) end1 (start2 0) end2)
     (%with-string (a offset i limit-1) ((string string-1) start1 end1)
       (%with-string (b offset-2 j limit-2) ((string string-2) start2 end2)
         (and (%i32.eq (%i32.sub limit-1 i) (%i32.sub limit-2 j))
              (let ((i i) (j j))
                (do ()
                    ((%i32.ge_s i limit-1) t)
                  (let ((x (%array-ref string a i)) (y (%array-ref string b j)))
                    (unless (or (%i32.eq x y)
                                (%i32.eq (,fold x) (,fold y)))
                      (return nil)))
                  (setq i (%i32.add i 1)
                        j (%i32.add j 1)))))))))

(%define-string-equality string= progn)
(%define-string-equality string-equal %folded)

;;; Strings for the host.

(defun %string-octets (string)
  "The UTF-8 of STRING as a fresh octet vector."
  (multiple-value-bind (data offset) (%string-window string)
    (let* ((end (+ offset (length string)))
           (octets (%array-new u8-vector (%utf8-length data offset end) 0)))
      (%utf8-encode data offset end octets 0)
      octets)))
