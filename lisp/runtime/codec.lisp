;;;; The octet codec between the compiler's data and the live image. The format is documented in clysm-reader, module codec.
;;;;
;;;; Symbols are known to both sides by id: the `id` field of a symbol, and the position in the symbol table. Lists that the
;;;; compiler sent are remembered until its next message, so that a macro expansion that contains one refers to it and the
;;;; compiler keeps its source position.

(in-package :clysm)

;;; Reading a message.

(defglobal *%octets* nil)
(defglobal *%position* 0)
(defglobal *%labels* nil)
(defglobal *%pending-label* nil)
(defglobal *%sources* nil)
(defglobal *%source-count* 0)

(defun %next-octet ()
  (let ((position (%i32 *%position*)))
    (setq *%position* (%fixnum (%i32.add position 1)))
    (%fixnum (%array-ref u8-vector *%octets* position))))

;; An unsigned LEB128 number, which here is always a fixnum.
(defun %next-number ()
  (let ((position (%i32 *%position*))
        (octets *%octets*)
        (value (%i32 0))
        (shift (%i32 0))
        (octet (%i32 0)))
    (tagbody
     next
       (setq octet (%array-ref u8-vector octets position)
             position (%i32.add position 1)
             value (%i32.or value (%i32.shl (%i32.and octet 127) shift))
             shift (%i32.add shift 7))
       (if (%i32.ge_u octet 128) (go next)))
    (setq *%position* (%fixnum position))
    (%fixnum value)))

(defun %next-fixnum ()
  (let ((n (%i32 0)) (zigzag (%i32 0)) (position (%i32 *%position*)) (shift (%i32 0)) (octet (%i32 0)) (octets *%octets*))
    (tagbody
     next
       (setq octet (%array-ref u8-vector octets position)
             position (%i32.add position 1)
             zigzag (%i32.or zigzag (%i32.shl (%i32.and octet 127) shift))
             shift (%i32.add shift 7))
       (if (%i32.ge_u octet 128) (go next)))
    (setq *%position* (%fixnum position)
          n (%i32.xor (%i32.shr_u zigzag 1) (%i32.sub 0 (%i32.and zigzag 1))))
    (%fixnum n)))

(%define-raw %next-i32 () i32
  (let ((position (%i32 *%position*)) (octets *%octets*))
    (setq *%position* (%fixnum (%i32.add position 4)))
    (%i32.or (%i32.or (%array-ref u8-vector octets position)
                      (%i32.shl (%array-ref u8-vector octets (%i32.add position 1)) 8))
             (%i32.or (%i32.shl (%array-ref u8-vector octets (%i32.add position 2)) 16)
                      (%i32.shl (%array-ref u8-vector octets (%i32.add position 3)) 24)))))

(%define-raw %next-f64 () f64
  (let* ((low (%u32 (%next-i32)))
         (high (%u32 (%next-i32))))
    (%f64.reinterpret_i64 (%i64.or low (%i64.shl high 32)))))

(defun %next-string ()
  (let* ((length (%next-number))
         (start *%position*)
         (end (%fixnum (%i32.add start length))))
    (setq *%position* end)
    (%octets-string *%octets* start end)))

;; Remembers an object that a label announced, as soon as it exists.
(defun %labelled (object)
  (if *%pending-label*
      (progn
        (setq *%labels* (cons (cons *%pending-label* object) *%labels*)
              *%pending-label* nil)))
  object)

(defun %labelled-value (number)
  (let ((rest *%labels*))
    (block nil
      (tagbody
       next
         (if (null rest) (return (%trap)))
         (if (eq (car (car rest)) number) (return (cdr (car rest))))
         (setq rest (cdr rest))
         (go next)))))

(defun %remember-source (cons)
  (let* ((count *%source-count*)
         (sources *%sources*))
    (if (or (null sources) (%i32.ge_s count (%array-length simple-vector sources)))
        (let ((larger (%array-new simple-vector (%i32.add (%i32.mul count 2) 64) nil)))
          (if sources
              (%array-copy simple-vector larger 0 simple-vector sources 0 count))
          (setq sources larger
                *%sources* larger)))
    (%array-set simple-vector sources count cons)
    (%set cons hash cons (%i32.add count 1))
    (setq *%source-count* (%fixnum (%i32.add count 1)))
    cons))

(defun %next-list (count dotted)
  (if (eql count 0)
      nil
      (let* ((head (%remember-source (%labelled (cons nil nil))))
             (last head)
             (rest (%i32 count)))
        (%set cons car head (%next-object))
        (tagbody
         next
           (setq rest (%i32.sub rest 1))
           (if (%i32.gt_s rest 0)
               (let ((cell (cons (%next-object) nil)))
                 (%set cons cdr last cell)
                 (setq last cell)
                 (go next))))
        (if dotted
            (%set cons cdr last (%next-object)))
        head)))

(defun %next-vector (count)
  (let ((vector (%labelled (%array-new simple-vector count nil)))
        (i (%i32 0))
        (n (%i32 count)))
    (tagbody
     next
       (if (%i32.lt_s i n)
           (progn (%array-set simple-vector vector i (%next-object))
                  (setq i (%i32.add i 1))
                  (go next))))
    vector))

(defun %next-integer ()
  (let* ((sign (%next-octet))
         (count (%next-number))
         (limbs (%array-new limbs count 0))
         (i (%i32 0)))
    (tagbody
     next
       (if (%i32.lt_s i count)
           (progn (%array-set limbs limbs i (%next-i32))
                  (setq i (%i32.add i 1))
                  (go next))))
    (%new bignum (if (eql sign 1) -1 1) limbs)))

(defun %next-octet-vector (count)
  (let ((vector (%array-new u8-vector count 0)))
    (%array-copy u8-vector vector 0 u8-vector *%octets* *%position* count)
    (setq *%position* (%fixnum (%i32.add *%position* count)))
    vector))

(defun %next-bits (count)
  (let ((vector (%array-new bit-vector count 0)) (i (%i32 0)))
    (tagbody
     next
       (if (%i32.lt_s i count)
           (progn (%array-set bit-vector vector i (%next-octet))
                  (setq i (%i32.add i 1))
                  (go next))))
    vector))

(defun %next-number-vector (tag count)
  (let ((i (%i32 0))
        (vector (cond ((eql tag 18) (%array-new u16-vector count 0))
                      ((eql tag 19) (%array-new u32-vector count 0))
                      ((eql tag 20) (%array-new s32-vector count 0))
                      ((eql tag 21) (%array-new f32-vector count (%f32 0)))
                      (t (%array-new f64-vector count (%f64 0))))))
    (tagbody
     next
       (if (%i32.lt_s i count)
           (progn
             (cond ((eql tag 18)
                    (%array-set u16-vector vector i
                                (%i32.or (%next-octet) (%i32.shl (%next-octet) 8))))
                   ((eql tag 19) (%array-set u32-vector vector i (%next-i32)))
                   ((eql tag 20) (%array-set s32-vector vector i (%next-i32)))
                   ((eql tag 21) (%array-set f32-vector vector i (%f32.reinterpret_i32 (%next-i32))))
                   (t (%array-set f64-vector vector i (%next-f64))))
             (setq i (%i32.add i 1))
             (go next))))
    vector))

(defun %next-array ()
  (let* ((rank (%next-number))
         (dimensions (%array-new simple-vector rank 0))
         (size (%i32 1))
         (i (%i32 0)))
    (tagbody
     next
       (if (%i32.lt_s i rank)
           (let ((dimension (%next-number)))
             (%array-set simple-vector dimensions i dimension)
             (setq size (%i32.mul size dimension)
                   i (%i32.add i 1))
             (go next))))
    (%new array (%next-object) 0 size -1 dimensions 0 nil 0)))

;;; Symbols. The compiler gives out even ids, the image odd ones.

(defglobal *%next-id* 0)
(defglobal *%unconfirmed* nil)          ; symbols whose ids the compiler may not have heard of
(defglobal *%packages-ready* nil)
(defglobal *%announced* nil)

(setq *%next-id* (%fixnum (%i32.or (%array-length simple-vector (%symbol-table)) 1)))

(defun %enter-symbol (symbol id)
  (let* ((table (%symbol-table))
         (length (%array-length simple-vector table)))
    (if (%i32.ge_s id length)
        (let ((larger (%array-new simple-vector (%i32.add (%i32.mul id 2) 64) nil)))
          (%array-copy simple-vector larger 0 simple-vector table 0 length)
          (%set-symbol-table larger)
          (setq table larger)))
    (%array-set simple-vector table id symbol)
    (%set symbol id symbol id)
    symbol))

(defun %next-announced-symbol ()
  (let* ((id (%next-number))
         (package-name (%next-string))
         (name (%next-string)))
    (%enter-symbol
     (cond ((%i32.eqz (%array-length string package-name)) (%make-symbol name))
           (*%packages-ready* (%intern-announced name package-name))
           (t (let ((symbol (%make-symbol name)))
                (setq *%announced* (cons (cons symbol package-name) *%announced*))
                symbol)))
     id)))

;; Gives SYMBOL an id, of which the compiler hears in the message that is being written.
(defun %announce-symbol (symbol)
  (let ((id *%next-id*))
    (setq *%next-id* (%fixnum (%i32.add id 2))
          *%unconfirmed* (cons symbol *%unconfirmed*))
    (%enter-symbol symbol id)))

;; The base may be announced within the announcement of its setf symbol, and then has the later number.
(defun %next-setf-symbol ()
  (let* ((id (%next-number))
         (base (%next-object)))
    (%enter-symbol (%setf-symbol base) id)))

;; The keyword of that name, found among the symbols of the module while there are no packages yet.
(defun %keyword-named (name)
  (if *%packages-ready*
      (intern name "KEYWORD")
      (or (%static-keyword name (%root-symbols))
          (%announced-keyword name *%announced*)
          (let ((symbol (%make-symbol name)))
            (setq *%announced* (cons (cons symbol "KEYWORD") *%announced*))
            symbol))))

(defun %same-string-p (a b)
  (let ((i (%i32 0)) (n (%array-length string a)))
    (if (%i32.eq n (%array-length string b))
        (block nil
          (tagbody
           next
             (if (%i32.ge_s i n) (return t))
             (if (%i32.ne (%array-ref string a i) (%array-ref string b i)) (return nil))
             (setq i (%i32.add i 1))
             (go next)))
        nil)))

;; SYMBOLS are triples of a symbol, the number of its package (KEYWORD is 1) and a flag.
(defun %static-keyword (name symbols)
  (let ((i (%i32 0)) (n (%array-length simple-vector symbols)))
    (block nil
      (tagbody
       next
         (if (%i32.ge_s i n) (return nil))
         (if (and (eq (%array-ref simple-vector symbols (%i32.add i 1)) 1)
                  (%same-string-p name (%get symbol name (%array-ref simple-vector symbols i))))
             (return (%array-ref simple-vector symbols i)))
         (setq i (%i32.add i 3))
         (go next)))))

(defun %announced-keyword (name announced)
  (block nil
    (tagbody
     next
       (if (null announced) (return nil))
       (if (and (%same-string-p (cdr (car announced)) "KEYWORD")
                (%same-string-p name (%get symbol name (car (car announced)))))
           (return (car (car announced))))
       (setq announced (cdr announced))
       (go next))))

;;; Objects without syntax are known to the compiler by a handle.

(defglobal *%handles* nil)
(defglobal *%handle-count* 0)

(defun %handle (object)
  (let* ((count *%handle-count*)
         (handles *%handles*))
    (if (or (null handles) (%i32.ge_s count (%array-length simple-vector handles)))
        (let ((larger (%array-new simple-vector (%i32.add (%i32.mul count 2) 64) nil)))
          (if handles
              (%array-copy simple-vector larger 0 simple-vector handles 0 count))
          (setq handles larger
                *%handles* larger)))
    (%array-set simple-vector handles count object)
    (setq *%handle-count* (%fixnum (%i32.add count 1)))
    count))

(defun %next-object ()
  (let ((tag (%i32 (%next-octet))))
    (cond ((%i32.eq tag 7) (%array-ref simple-vector (%symbol-table) (%next-number)))
          ((%i32.eq tag 5) (%next-list (%next-number) nil))
          ((%i32.eq tag 0) nil)
          ((%i32.eq tag 2) (%next-fixnum))
          ((%i32.eq tag 1) t)
          ((%i32.eq tag 9) (%next-string))
          ((%i32.eq tag 8) (%next-announced-symbol))
          ((%i32.eq tag 6) (%next-list (%next-number) t))
          ((%i32.eq tag 4)
           (let ((cell (%remember-source (%labelled (cons nil nil)))))
             (%set cons car cell (%next-object))
             (%set cons cdr cell (%next-object))
             cell))
          ((%i32.eq tag 3) (%code-character (%next-number)))
          ((%i32.eq tag 10) (%new single (%f32.reinterpret_i32 (%next-i32))))
          ((%i32.eq tag 11) (%new double (%next-f64)))
          ((%i32.eq tag 12) (%next-integer))
          ((%i32.eq tag 13) (%new ratio (%next-object) (%next-object)))
          ((%i32.eq tag 14) (%new complex (%next-object) (%next-object)))
          ((%i32.eq tag 15) (%next-vector (%next-number)))
          ((%i32.eq tag 16) (%next-bits (%next-number)))
          ((%i32.eq tag 17) (%next-octet-vector (%next-number)))
          ((%i32.le_u tag 22) (%next-number-vector (%fixnum tag) (%next-number)))
          ((%i32.eq tag 24) (%next-array))
          ((%i32.eq tag 25) (%array-ref simple-vector *%handles* (%next-number)))
          ((%i32.eq tag 26) (pathname (%next-string)))
          ((%i32.eq tag 27) (%structure-from-literal (%next-object)))
          ((%i32.eq tag 28)
           (setq *%pending-label* (%next-number))
           (let ((object (%next-object)))
             (%labelled object)))
          ((%i32.eq tag 29) (%labelled-value (%next-number)))
          ((%i32.eq tag 30) (%next-setf-symbol))
          (t (%trap)))))

(defun %code-character (code)
  (if (%i32.lt_u code 256)
      (%array-ref simple-vector (%characters) code)
      (%new character code)))

(defun %decode-message (octets)
  (setq *%octets* octets
        *%position* 0
        *%labels* nil
        *%pending-label* nil
        *%unconfirmed* nil
        *%source-count* 0)
  (%next-object))

;; Decodes OCTETS while the host still waits for the answer to its last message: that one's lists stay its sources.
(defun %decode-aside (octets)
  (let ((sources *%sources*) (count *%source-count*))
    (setq *%sources* nil)
    (let ((object (%decode-message octets)))
      (setq *%sources* sources
            *%source-count* count)
      object)))

;; The vector of literals of a linked module.
(defun %decode-literals (octets)
  (%decode-aside octets))

;;; Writing a message.

(defglobal *%output* nil)
(defglobal *%output-position* 0)

(defun %make-output-room (count)
  "Makes the output large enough for COUNT more octets. Returns it."
  (let* ((output *%output*)
         (needed (%i32.add *%output-position* count))
         (length (%array-length u8-vector output)))
    (if (%i32.le_s needed length)
        output
        (let ((larger (%array-new u8-vector (%i32.mul needed 2) 0)))
          (%array-copy u8-vector larger 0 u8-vector output 0 length)
          (setq *%output* larger)))))

(defun %put (octet)
  (let ((position (%i32 *%output-position*)) (output *%output*))
    (if (%i32.ge_s position (%array-length u8-vector output))
        (setq output (%make-output-room 1)))
    (%array-set u8-vector output position octet)
    (setq *%output-position* (%fixnum (%i32.add position 1)))
    nil))

(%define-raw %put-i32 ((value i32)) eq
  (%put (%i32.and value 255))
  (%put (%i32.and (%i32.shr_u value 8) 255))
  (%put (%i32.and (%i32.shr_u value 16) 255))
  (%put (%i32.and (%i32.shr_u value 24) 255)))

(%define-raw %put-leb ((number i32)) eq
  (let ((value (%i32 number)))
    (block nil
      (tagbody
       next
         (if (%i32.lt_u value 128)
             (return (%put value)))
         (%put (%i32.or (%i32.and value 127) 128))
         (setq value (%i32.shr_u value 7))
         (go next)))))

;; Writes a tag and the number that follows it: with both, most of a message is written.
(%define-raw %put-numbered ((tag i32) (number i32)) eq
  (let ((output (%make-output-room 6)) (at (%i32 *%output-position*)) (value (%i32 number)))
    (%array-set u8-vector output at tag)
    (setq at (%i32.add at 1))
    (tagbody
     next
       (if (%i32.ge_u value 128)
           (progn (%array-set u8-vector output at (%i32.or (%i32.and value 127) 128))
                  (setq at (%i32.add at 1)
                        value (%i32.shr_u value 7))
                  (go next))))
    (%array-set u8-vector output at value)
    (setq *%output-position* (%fixnum (%i32.add at 1)))
    nil))

(defun %put-string (string)
  (let* ((start *%output-position*)
         (end (%array-length string string)))
    (%put-leb end)
    (if (%put-ascii string)
        nil
        (let ((count (%utf8-length string 0 end)))
          (setq *%output-position* start)
          (%put-leb count)
          (setq *%output-position* (%utf8-encode string 0 end (%make-output-room count) *%output-position*))
          nil))))

;; Writes the characters of STRING, which most often are ASCII. NIL if there are others.
(defun %put-ascii (string)
  (let* ((n (%i32 (%array-length string string)))
         (output (%make-output-room (%fixnum n)))
         (at (%i32 *%output-position*))
         (i (%i32 0))
         (code (%i32 0)))
    (%array-length u8-vector output)    ; checks the type, once
    (block nil
      (tagbody
       next
         (if (%i32.ge_s i n)
             (progn (setq *%output-position* (%fixnum (%i32.add at n)))
                    (return t)))
         (setq code (%array-ref string string i))
         (if (%i32.ge_u code 128) (return nil))
         (%array-set u8-vector output (%i32.add at i) code)
         (setq i (%i32.add i 1))
         (go next)))))

(defun %put-symbol (symbol)
  (cond ((eq symbol nil) (%put 0))
        ((eq symbol t) (%put 1))
        ((%i32.ne (%get symbol id symbol) 0)
         (%put-numbered 7 (%get symbol id symbol)))
        (t
         (let ((base (%info symbol :setf-of)))
           (%announce-symbol symbol)
           (cond (base
                  (%put-numbered 30 (%get symbol id symbol))
                  (%put-symbol base))
                 (t
                  (%put-numbered 23 (%get symbol id symbol))
                  (%put-string (%home-package-name symbol))
                  (%put-string (%get symbol name symbol))))))))

(defun %home-package-name (symbol)
  (if *%packages-ready*
      (if (%get symbol package symbol)
          (package-name (%get symbol package symbol))
          "")
      (or (cdr (%assq symbol *%announced*))
          "")))

;; True if LIST is one that the last message held.
(%define-raw %is-source ((list eq)) condition
  (let ((ordinal (%i32 (%get cons hash list))))
    (if (%i32.eqz ordinal)
        nil
        (if (%i32.gt_u ordinal *%source-count*)
            nil
            (eq (%array-ref simple-vector *%sources* (%i32.sub ordinal 1)) list)))))

;; A cons of this and an object is written as the object's handle: the compiler then refers to that very object. Of a string
;; it has to know the text as well, as it may be documentation, or what FORMAT is to do.
(defglobal *%by-handle* (list nil))

(defun %put-list (list)
  (if (%is-source list)
      (%put-numbered 31 (%i32.sub (%get cons hash list) 1))
      (if (eq (car list) *%by-handle*)
          (progn (%put-numbered (if (%is string (cdr list)) 32 25) (%handle (cdr list)))
                 (if (%is string (cdr list))
                     (%put-string (cdr list))))
          (%put-fresh-list list))))

(defun %put-fresh-list (list)
  (let ((count (%i32 1)) (rest (cdr list)) (cell list))
    ;; A tail that came from the compiler is sent as such: its source position is worth the dotted pair.
    (tagbody
     next
       (if (consp rest)
           (if (%is-source rest)
               nil
               (progn (setq count (%i32.add count 1)
                            rest (cdr rest))
                      (go next)))))
    (%put-numbered (if rest 6 5) count)
    (tagbody
     next
       (%put-object (%get cons car cell))
       (setq count (%i32.sub count 1))
       (if (%i32.gt_s count 0)
           (progn (setq cell (%get cons cdr cell))
                  (go next))))
    (if rest (%put-object rest))
    nil))

(defun %put-limbs (digits)
  (let ((i (%i32 0)) (n (%array-length limbs digits)))
    (%put-leb n)
    (tagbody
     next
       (if (%i32.lt_s i n)
           (progn (%put-i32 (%array-ref limbs digits i))
                  (setq i (%i32.add i 1))
                  (go next))))
    nil))

(defun %put-vector (vector)
  (let ((i (%i32 0)) (n (%array-length simple-vector vector)))
    (%put-numbered 15 n)
    (tagbody
     next
       (if (%i32.lt_s i n)
           (progn (%put-object (%array-ref simple-vector vector i))
                  (setq i (%i32.add i 1))
                  (go next))))
    nil))

(defun %put-octets (tag vector)
  (let ((i (%i32 0)) (n (%array-length u8-vector vector)))
    (%put-numbered tag n)
    (tagbody
     next
       (if (%i32.lt_s i n)
           (progn (%put (%array-ref u8-vector vector i))
                  (setq i (%i32.add i 1))
                  (go next))))
    nil))

(defun %put-bits (vector)
  (let ((i (%i32 0)) (n (%array-length bit-vector vector)))
    (%put-numbered 16 n)
    (tagbody
     next
       (if (%i32.lt_s i n)
           (progn (%put (%array-ref bit-vector vector i))
                  (setq i (%i32.add i 1))
                  (go next))))
    nil))

(defun %number-vector-tag (object)
  "The tag of OBJECT if it is a simple vector of numbers that are more than one octet, or 0."
  (cond ((%is u16-vector object) 18)
        ((%is u32-vector object) 19)
        ((%is s32-vector object) 20)
        ((%is f32-vector object) 21)
        ((%is f64-vector object) 22)
        (t 0)))

(defun %number-vector-length (tag vector)
  (cond ((eql tag 18) (%fixnum (%array-length u16-vector vector)))
        ((eql tag 19) (%fixnum (%array-length u32-vector vector)))
        ((eql tag 20) (%fixnum (%array-length s32-vector vector)))
        ((eql tag 21) (%fixnum (%array-length f32-vector vector)))
        (t (%fixnum (%array-length f64-vector vector)))))

(defun %put-number-vector (tag vector)
  (let ((i (%i32 0)) (count (%i32 (%number-vector-length tag vector))))
    (%put-numbered (%i32 tag) count)
    (tagbody
     next
       (if (%i32.lt_s i count)
           (progn
             (cond ((eql tag 18)
                    (%put (%i32.and (%array-ref u16-vector vector i) 255))
                    (%put (%i32.shr_u (%array-ref u16-vector vector i) 8)))
                   ((eql tag 19) (%put-i32 (%array-ref u32-vector vector i)))
                   ((eql tag 20) (%put-i32 (%array-ref s32-vector vector i)))
                   ((eql tag 21) (%put-i32 (%i32.reinterpret_f32 (%array-ref f32-vector vector i))))
                   (t (%put-f64 (%i64.reinterpret_f64 (%array-ref f64-vector vector i)))))
             (setq i (%i32.add i 1))
             (go next))))
    nil))

(%define-raw %put-f64 ((bits i64)) eq
  (%put-i32 (%i32.wrap_i64 bits))
  (%put-i32 (%i32.wrap_i64 (%i64.shr_u bits 32))))

(defun %put-object (object)
  (cond ((%is cons object) (%put-list object))
        ((%is symbol object) (%put-symbol object))
        ((%fixnump object)
         (%put-numbered 2 (%i32.xor (%i32.shl object 1) (%i32.shr_s object 31))))
        ((%is string object)
         (%put 9)
         (%put-string object))
        ((%is character object)
         (%put-numbered 3 (%get character code object)))
        ((%is double object)
         (%put 11)
         (%put-f64 (%i64.reinterpret_f64 (%get double value object))))
        ((%is single object)
         (%put 10)
         (%put-i32 (%i32.reinterpret_f32 (%get single value object))))
        ((%is bignum object)
         (%put 12)
         (%put (if (%i32.lt_s (%get bignum sign object) 0) 1 0))
         (%put-limbs (%get bignum digits object)))
        ((%is ratio object)
         (%put 13)
         (%put-object (%get ratio numerator object))
         (%put-object (%get ratio denominator object)))
        ((%is complex object)
         (%put 14)
         (%put-object (%get complex real object))
         (%put-object (%get complex imag object)))
        ((%is simple-vector object) (%put-vector object))
        ((%is u8-vector object) (%put-octets 17 object))
        ((%is bit-vector object) (%put-bits object))
        ((eql (%number-vector-tag object) 0)
         (%put-numbered 25 (%handle object)))
        (t (%put-number-vector (%number-vector-tag object) object))))

;;; The journal: entries that precede the next message. They are written at once, since the names in them may change. Symbols
;;; without id are written as a cons of the home package's name and their own: no ids are given out that the compiler would
;;; hear of later.

(defglobal *%journal* nil)              ; the octets so far, in a longer vector
(defglobal *%journal-end* 0)

(defun %names-in-journal (list)
  "LIST with the symbols that have no id replaced."
  (let ((result nil))
    (tagbody
     next
       (if (consp list)
           (let ((element (car list)))
             (setq result (cons (if (and (%is symbol element) (%i32.eqz (%get symbol id element)))
                                    (cons (%home-package-name element) (%get symbol name element))
                                    element)
                                result)
                   list (cdr list))
             (go next))))
    (%reverse-list result)))

;; ENTRY is a fresh list of a keyword, a name, and lists or names.
(defun %put-in-journal (entry)
  (let ((rest (cdr (cdr entry))))
    (tagbody
     next
       (if rest
           (progn (%set cons car rest (if (consp (car rest)) (%names-in-journal (car rest)) (car rest)))
                  (setq rest (cdr rest))
                  (go next)))))
  (let ((output *%output*) (position *%output-position*) (count *%source-count*))
    (setq *%output* (or *%journal* (%array-new u8-vector 1024 0))
          *%output-position* *%journal-end*
          *%source-count* 0)
    (%put-object entry)
    (setq *%journal* *%output*
          *%journal-end* *%output-position*
          *%output* output
          *%output-position* position
          *%source-count* count)
    nil))

;; OBJECT is a list that begins with T or NIL.
(defglobal *%message-output* nil)       ; octets to write into, kept for the next message

(defun %encode-message (object)
  (setq *%output* (or *%journal* *%message-output* (%array-new u8-vector 1024 0))
        *%output-position* *%journal-end*)
  (%put-object object)
  (let ((octets (%array-new u8-vector *%output-position* 0)))
    (%array-copy u8-vector octets 0 u8-vector *%output* 0 *%output-position*)
    (setq *%message-output* *%output*
          *%journal* nil
          *%journal-end* 0)
    octets))

;;; Requests: a list of a function and its arguments. The answer is the journal and (T value…), or (NIL) after an error, whose
;;; report the host has by then.

(defun %image-call (request)
  (let* ((form (%decode-message request))
         (answer (list nil)))
    (%funcall
     (catch '%exit
       (catch '%toplevel
         (setq answer (cons t (multiple-value-list (%apply-list (car form) (cdr form))))))
       #'%no-exit))
    (%encode-message answer)))

(defun %no-exit ()
  nil)

(defun %apply-list (function arguments)
  (apply-collected function (%reverse-list arguments)))

;; Asks the host in turn: CALL is given the octets of the journal and (T . ARGUMENTS), and gives those of the answer or NIL.
(defun %ask-host (call arguments)
  (let* ((sources *%sources*)
         (count *%source-count*)
         (request (%encode-message (cons t arguments))))
    ;; The host may call the image before it answers.
    (setq *%sources* nil
          *%source-count* 0)
    (let ((octets (funcall call request)))
      (setq *%sources* sources
            *%source-count* count)
      (if octets (%decode-aside octets) nil))))

;; After a trap: dynamic bindings are undone, and ids withdrawn of which the compiler may not have heard.
(defun %image-reset ()
  (tagbody
   next
     (if *%unconfirmed*
         (let ((symbol (car *%unconfirmed*)))
           (%set symbol id symbol 0)
           (setq *%unconfirmed* (cdr *%unconfirmed*))
           (go next))))
  (unbind-to 0))
