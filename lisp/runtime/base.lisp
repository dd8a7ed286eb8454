;;;; The ground under every other library file: list surgery, mapping, symbols made at expansion time.
;;;;
;;;; This file is loaded first. It uses special forms and the macros built into the compiler only, and calls nothing that is
;;;; not in this file except to signal errors.

(in-package :clysm)

;;; Conses (CLHS 14.2). Inline code calls these for everything that is no cons.

(defun cons (car cdr)
  (%new cons car cdr 0))

(defun consp (object)
  (%is cons object))

(defun atom (object)
  (not (%is cons object)))

(defun listp (object)
  (or (%is cons object) (null object)))

(defun null (object)
  (eq object nil))

(defun endp (list)
  (cond ((%is cons list) nil)
        ((null list) t)
        (t (%type-error list 'list))))

(defun car (list)
  (cond ((%is cons list) (%get cons car list))
        ((null list) nil)
        (t (%type-error list 'list))))

(defun cdr (list)
  (cond ((%is cons list) (%get cons cdr list))
        ((null list) nil)
        (t (%type-error list 'list))))

;;; Identity (CLHS 5.3 EQ, EQL). GENERIC-EQL is what compiled EQL calls when its arguments are not EQ.

(defun eq (a b)
  (eq a b))

(defun not (object)
  (if object nil t))

(defun identity (object)
  object)

(defun %bignum-eql (a b)
  (let* ((a-digits (%get bignum digits a))
         (b-digits (%get bignum digits b))
         (count (%array-length limbs a-digits)))
    (and (%i32.eq (%get bignum sign a) (%get bignum sign b))
         (%i32.eq count (%array-length limbs b-digits))
         (do ((i (%i32 0) (%i32.add i 1)))
             ((%i32.ge_s i count) t)
           (unless (%i32.eq (%array-ref limbs a-digits i) (%array-ref limbs b-digits i))
             (return nil))))))

(defun generic-eql (a b)
  (cond ((eq a b) t)
        ((%is double a)
         (and (%is double b)
              (%i64.eq (%i64.reinterpret_f64 (%get double value a)) (%i64.reinterpret_f64 (%get double value b)))))
        ((%is character a)
         (and (%is character b)
              (%i32.eq (%get character code a) (%get character code b))))
        ((%is bignum a)
         (and (%is bignum b) (%bignum-eql a b)))
        ((%is single a)
         (and (%is single b)
              (%i32.eq (%i32.reinterpret_f32 (%get single value a)) (%i32.reinterpret_f32 (%get single value b)))))
        ((%is ratio a)
         (and (%is ratio b)
              (generic-eql (%get ratio numerator a) (%get ratio numerator b))
              (generic-eql (%get ratio denominator a) (%get ratio denominator b))))
        ((%is complex a)
         (and (%is complex b)
              (generic-eql (%get complex real a) (%get complex real b))
              (generic-eql (%get complex imag a) (%get complex imag b))))
        (t nil)))

(defun eql (a b)
  (generic-eql a b))

;;; What packages forbid that are locked; see locks.lisp.

(defglobal *%sealed* nil)               ; true when programs must not use what the library is made of

(defun %check-lock (operation name)
  "Signals if a lock forbids OPERATION, a keyword, on NAME, a symbol or (SETF symbol)."
  (if *%lock-guard*
      (%funcall *%lock-guard* operation name nil)
      nil))

;;; Properties kept in the `info` plist of a symbol (internal facts: macro functions, classes, expanders ...).

(defun %getf (plist key default)
  "The value of KEY in the property list PLIST by EQ, else DEFAULT."
  (do ((tail plist (cdr (cdr tail))))
      ((null tail) default)
    (when (eq (car tail) key)
      (return (car (cdr tail))))))

(defun %info (symbol key)
  "The internal fact KEY about SYMBOL, or NIL."
  (%getf (%get symbol info symbol) key nil))

(defun %set-info (symbol key value)
  "Records the internal fact KEY about SYMBOL. Returns VALUE."
  (%check-lock key symbol)
  (do ((tail (%get symbol info symbol) (cdr (cdr tail))))
      ((null tail)
       (%set symbol info symbol (list* key value (%get symbol info symbol))))
    (when (eq (car tail) key)
      (rplaca (cdr tail) value)
      (return nil)))
  value)

(defun %remove-info (symbol key)
  "Forgets the internal fact KEY about SYMBOL. True when there was one."
  (%check-lock key symbol)
  (do ((tail (%get symbol info symbol) (cdr (cdr tail)))
       (before nil tail))
      ((null tail) nil)
    (when (eq (car tail) key)
      (let ((after (cdr (cdr tail))))
        (if before
            (rplacd (cdr before) after)
            (%set symbol info symbol after)))
      (return t))))

;;; The `flags` field of a symbol. The bit values are fixed: the compiler reads them too.
;;;  1 special  2 constant  4 macro  8 symbol macro  16 global  32 notinline  64 noted  128 sealed

(defun %flag-p (symbol bit)
  "True when any of the flag bits BIT of SYMBOL is set."
  (not (eq 0 (logand (%get symbol flags symbol) bit))))

(defun %set-flag (symbol bit)
  (%note-facts symbol)
  (%set symbol flags symbol (logior (%get symbol flags symbol) bit))
  symbol)

(defun %clear-flag (symbol bit)
  (%note-facts symbol)
  (let ((flags (%get symbol flags symbol)))
    (%set symbol flags symbol (logxor flags (logand flags bit))))
  symbol)

;;; A host that compiles must hear of what names stand for.

(defglobal *%notes-facts* nil)          ; whether there is one
(defglobal *%noted* nil)                ; the symbols of which it has not heard yet

(defun %note-facts (symbol)
  "Notes that what SYMBOL stands for changes."
  (if (and *%notes-facts* (eq 0 (logand (%get symbol flags symbol) 64)))
      (progn (%set symbol flags symbol (logior (%get symbol flags symbol) 64))
             (setq *%noted* (cons symbol *%noted*)))
      nil))

;;; The end of the program.

(defglobal *%at-end* nil)               ; a function that writes out what waits in streams, once there are some

(defglobal *%exiting* nil)              ; whether EXIT is about to end the program

(defun %finish-program ()
  "What is done when the program ends, in whichever way."
  (if *%at-end*
      (%funcall *%at-end*)
      nil))

;;; Functions as designators.

(defun %undefined-function-cell (symbol)
  "The content of the function cell of SYMBOL while it names no function: it signals UNDEFINED-FUNCTION for the name."
  (%undefined-function symbol))

(defun %callable (designator)
  "The function that DESIGNATOR, a function or a symbol, stands for. An unbound symbol's cell signals when it is called."
  (cond ((%is function designator) designator)
        ((%is symbol designator) (ensure-callable designator))
        (t (%type-error designator '(or function symbol)))))

;;; Lists, for expanders and the library (CLHS 14). The exported list functions with keywords are in conses.lisp.

(defun %improper-list (list)
  "Signals that LIST, which ends in an atom or in a circle, is no proper list."
  (%type-error list '(satisfies %proper-list-p)))

(defun %proper-list-p (object)
  (>= (%proper-length object) 0))

(defun %memq (item list)
  "The tail of LIST that starts with ITEM by EQ, or NIL."
  (do ((tail list (cdr tail)))
      ((null tail) nil)
    (when (eq (car tail) item)
      (return tail))))

(defun %assq (key alist)
  "The first pair of ALIST whose car is KEY by EQ, or NIL."
  (do ((tail alist (cdr tail)))
      ((null tail) nil)
    (let ((pair (car tail)))
      (when (and pair (eq (car pair) key))
        (return pair)))))

(defun %delq (item list)
  "A copy of LIST without the elements EQ to ITEM."
  (let ((result nil))
    (dolist (element list)
      (unless (eq element item)
        (push element result)))
    (%nreverse-list result)))

(defun %proper-length (list)
  "The length of LIST when it is a proper list, -1 when it is dotted, circular or no list."
  (let ((n 0) (slow list) (odd nil))
    (do ((fast list (cdr fast)))
        ((not (consp fast)) (if (null fast) n -1))
      (setq n (1+ n))
      (when odd
        (when (eq slow fast)
          (return -1))
        (setq slow (cdr slow)))
      (setq odd (not odd)))))

(defun %list-length (list)
  "The length of the proper list LIST; TYPE-ERROR for anything else."
  (let ((n (%proper-length list)))
    (if (eq n -1) (%improper-list list) n)))

(defun %reverse-list (list)
  "A fresh list of the elements of LIST, last first."
  (let ((result nil))
    (do ((tail list (cdr tail)))
        ((not (consp tail))
         (if (null tail) result (%improper-list list)))
      (setq result (cons (car tail) result)))))

(defun %nreverse-list (list)
  "LIST reversed by turning its conses round."
  (let ((result nil) (tail list))
    (do ()
        ((not (consp tail))
         (if (null tail) result (%improper-list list)))
      (let ((next (cdr tail)))
        (rplacd tail result)
        (setq result tail
              tail next)))))

(defun %append2 (front back)
  "The elements of the list FRONT, copied, before BACK."
  (if (null front)
      back
      (let* ((head (cons (car front) nil))
             (end head))
        (do ((tail (cdr front) (cdr tail)))
            ((not (consp tail))
             (unless (null tail)
               (%improper-list front)))
          (let ((cell (cons (car tail) nil)))
            (rplacd end cell)
            (setq end cell)))
        (rplacd end back)
        head)))

(defun append (&rest lists)
  (cond ((null lists) nil)
        ((null (cdr lists)) (car lists))
        ((null (cdr (cdr lists))) (%append2 (car lists) (car (cdr lists))))
        (t (let* ((backwards (%nreverse-list lists))
                  (result (car backwards)))
             (dolist (list (cdr backwards) result)
               (setq result (%append2 list result)))))))

(defun %last-cons (list)
  "The last cons of LIST, which may be dotted but not circular; NIL for the empty list."
  (if (consp list)
      (let ((end list))
        (do ((next (cdr list) (cdr next)))
            ((not (consp next)) end)
          (setq end next)))
      nil))

(defun %nconc2 (front back)
  "FRONT with its last cdr replaced by BACK."
  (cond ((null front) back)
        ((consp front)
         (rplacd (%last-cons front) back)
         front)
        (t (%type-error front 'list))))

(defun nconc (&rest lists)
  ;; The end of a list is looked for only when something follows it: the last argument may be circular, and becomes so in
  ;; (NCONC X X).
  (let ((result nil) (before nil))
    (do ((tail lists (cdr tail)))
        ((null tail) result)
      (let ((list (car tail)))
        (cond ((consp list)
               (if before (rplacd (%last-cons before) list) (setq result list))
               (setq before list))
              ((null list)
               (when (and before (null (cdr tail)))
                 (rplacd (%last-cons before) nil)))
              ((cdr tail) (%type-error list 'list))
              (before (rplacd (%last-cons before) list))
              (t (setq result list)))))))

(defun %copy-list (list)
  "A copy of the top conses of LIST, which may be dotted."
  (if (consp list)
      (let* ((head (cons (car list) nil))
             (end head))
        (do ((tail (cdr list) (cdr tail)))
            ((not (consp tail))
             (rplacd end tail)
             head)
          (let ((cell (cons (car tail) nil)))
            (rplacd end cell)
            (setq end cell))))
      list))

(defun %butlast-list (list)
  "A copy of the proper list LIST without its last element."
  (%nreverse-list (cdr (%reverse-list list))))

(defun %nthcdr (n list)
  (do ((i n (1- i)) (tail list (cdr tail)))
      ((eq i 0) tail)))

(defun %last-element (list)
  (car (%last-cons list)))

(defun %iota (n)
  "The list (0 1 ... N-1)."
  (let ((result nil))
    (do ((i (1- n) (1- i)))
        ((< i 0) result)
      (push i result))))

;;; Mapping (CLHS 14.2.6-14.2.9). One and two lists have loops of their own; more go through a list of cursors.

(defun %cars (lists)
  "The first elements of LISTS, or the unbound marker when one of them is at its end."
  (let ((result nil))
    (dolist (list lists (%nreverse-list result))
      (if (null list)
          (return (%unbound))
          (push (car list) result)))))

(defun %advance (lists)
  "Replaces each of LISTS by its cdr."
  (do ((tail lists (cdr tail)))
      ((null tail) lists)
    (rplaca tail (cdr (car tail)))))

(defun %any-null (lists)
  (dolist (list lists nil)
    (when (null list) (return t))))

(defun mapc (function list &rest more)
  (let ((f (%callable function)))
    (cond ((null more)
           (do ((a list (cdr a)))
               ((null a) list)
             (%funcall f (car a))))
          ((null (cdr more))
           (do ((a list (cdr a)) (b (car more) (cdr b)))
               ((or (null a) (null b)) list)
             (%funcall f (car a) (car b))))
          (t (let ((cursors (cons list more)))
               (do ((cars (%cars cursors) (%cars (%advance cursors))))
                   ((eq cars (%unbound)) list)
                 (apply f cars)))))))

(defun mapcar (function list &rest more)
  (let* ((f (%callable function))
         (head (cons nil nil))
         (end head))
    (cond ((null more)
           (do ((a list (cdr a)))
               ((null a) (cdr head))
             (let ((cell (cons (%funcall f (car a)) nil)))
               (rplacd end cell)
               (setq end cell))))
          ((null (cdr more))
           (do ((a list (cdr a)) (b (car more) (cdr b)))
               ((or (null a) (null b)) (cdr head))
             (let ((cell (cons (%funcall f (car a) (car b)) nil)))
               (rplacd end cell)
               (setq end cell))))
          (t (let ((cursors (cons list more)))
               (do ((cars (%cars cursors) (%cars (%advance cursors))))
                   ((eq cars (%unbound)) (cdr head))
                 (let ((cell (cons (apply f cars) nil)))
                   (rplacd end cell)
                   (setq end cell))))))))

(defun mapl (function list &rest more)
  (let ((f (%callable function)))
    (cond ((null more)
           (do ((a list (cdr a)))
               ((null a) list)
             (%funcall f a)))
          ((null (cdr more))
           (do ((a list (cdr a)) (b (car more) (cdr b)))
               ((or (null a) (null b)) list)
             (%funcall f a b)))
          (t (do ((cursors (cons list more) (%advance cursors)))
                 ((%any-null cursors) list)
               (apply f (%copy-list cursors)))))))

(defun maplist (function list &rest more)
  (let* ((f (%callable function))
         (head (cons nil nil))
         (end head))
    (cond ((null more)
           (do ((a list (cdr a)))
               ((null a) (cdr head))
             (let ((cell (cons (%funcall f a) nil)))
               (rplacd end cell)
               (setq end cell))))
          ((null (cdr more))
           (do ((a list (cdr a)) (b (car more) (cdr b)))
               ((or (null a) (null b)) (cdr head))
             (let ((cell (cons (%funcall f a b) nil)))
               (rplacd end cell)
               (setq end cell))))
          (t (do ((cursors (cons list more) (%advance cursors)))
                 ((%any-null cursors) (cdr head))
               (let ((cell (cons (apply f (%copy-list cursors)) nil)))
                 (rplacd end cell)
                 (setq end cell)))))))

(defun %nconc-step (end list)
  "Attaches LIST behind the cons END as NCONC would. Returns the new last cons."
  (cond ((consp list)
         (rplacd end list)
         (%last-cons list))
        (t (rplacd end list)
           end)))

(defun mapcan (function list &rest more)
  (let* ((f (%callable function))
         (head (cons nil nil))
         (end head))
    (cond ((null more)
           (do ((a list (cdr a)))
               ((null a) (cdr head))
             (setq end (%nconc-step end (%funcall f (car a))))))
          ((null (cdr more))
           (do ((a list (cdr a)) (b (car more) (cdr b)))
               ((or (null a) (null b)) (cdr head))
             (setq end (%nconc-step end (%funcall f (car a) (car b))))))
          (t (let ((cursors (cons list more)))
               (do ((cars (%cars cursors) (%cars (%advance cursors))))
                   ((eq cars (%unbound)) (cdr head))
                 (setq end (%nconc-step end (apply f cars)))))))))

(defun mapcon (function list &rest more)
  (let* ((f (%callable function))
         (head (cons nil nil))
         (end head))
    (cond ((null more)
           (do ((a list (cdr a)))
               ((null a) (cdr head))
             (setq end (%nconc-step end (%funcall f a)))))
          ((null (cdr more))
           (do ((a list (cdr a)) (b (car more) (cdr b)))
               ((or (null a) (null b)) (cdr head))
             (setq end (%nconc-step end (%funcall f a b)))))
          (t (do ((cursors (cons list more) (%advance cursors)))
                 ((%any-null cursors) (cdr head))
               (setq end (%nconc-step end (apply f (%copy-list cursors)))))))))

;;; Symbols made by expanders (CLHS 10.2). MAKE-SYMBOL, which checks its argument, is in symbols.lisp.

(defun %make-symbol (name)
  "A fresh uninterned symbol named by the simple string NAME."
  (let* ((nothing (%undefined-function-cell nil))
         (symbol (%new symbol name nil (%unbound) nothing nil nil nil 0 0 0)))
    (%set function name nothing symbol)
    symbol))

(defun %setf-symbol (symbol)
  "The uninterned symbol whose function cell holds the function named (SETF SYMBOL); made when it does not exist yet."
  (or (%get symbol setf symbol)
      (let ((setter (%make-symbol (%string-append "(SETF " (%string-append (%get symbol name symbol) ")")))))
        (%set-info setter :setf-of symbol)
        (%set symbol setf symbol setter))))

(defun %string-append (a b)
  "The fresh simple string of the characters of the simple strings A and B."
  (let* ((m (%array-length string a))
         (n (%array-length string b))
         (result (%array-new string (%i32.add m n) 0)))
    (%array-copy string result 0 string a 0 m)
    (%array-copy string result m string b 0 n)
    result))

(defun %decimal-string (n)
  "The decimal digits of the integer N >= 0."
  (if (%fixnump n)
      (%fixnum-string n)
      (%integer-to-string n 10)))

(defun %fixnum-string (n)
  "The decimal digits of the fixnum N >= 0."
  (let ((count (%i32 1)) (rest (%i32 n)))
    (do ()
        ((%i32.lt_u rest 10))
      (setq count (%i32.add count 1)
            rest (%i32.div_u rest 10)))
    (let ((string (%array-new string count 0)))
      (setq rest (%i32 n))
      (do ()
          ((%i32.eqz count) string)
        (setq count (%i32.sub count 1))
        (%array-set string string count (%i32.add 48 (%i32.rem_u rest 10)))
        (setq rest (%i32.div_u rest 10))))))

(defvar *gensym-counter* 0)

(defun gensym (&optional (x "G"))
  (cond ((%is string x)
         (%numbered-symbol x (%next-gensym-number)))
        ((stringp x)
         (%numbered-symbol (coerce x 'simple-string) (%next-gensym-number)))
        ((and (or (%fixnump x) (%is bignum x)) (<= 0 x))
         (%numbered-symbol "G" x))
        (t (%type-error x '(or string unsigned-byte)))))

(defun %numbered-symbol (prefix n)
  (%make-symbol (%string-append prefix (%decimal-string n))))

(defun %next-gensym-number ()
  "The value of *GENSYM-COUNTER*, which is then increased. TYPE-ERROR when it is no non-negative integer."
  (let ((n *gensym-counter*))
    (if (and (or (%fixnump n) (%is bignum n)) (<= 0 n))
        (setq *gensym-counter* (1+ n))
        (%type-error n 'unsigned-byte))
    n))

(defun %gensyms (list)
  "A list of fresh symbols, one for each element of LIST."
  (mapcar #'%gensym-for list))

(defun %gensym-for (thing)
  (declare (ignore thing))
  (gensym))
