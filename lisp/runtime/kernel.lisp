;;;; What compiled code calls by itself: dynamic bindings, multiple values, catch points, argument passing, errors.
;;;;
;;;; The runtime function table (crate clysm-dispatch) names most of these; their argument counts are fixed there. This file
;;;; uses special forms and primitives only.

(in-package :clysm)

;;; Before anything else runs, the symbols of the module get their names and the functions that it defines get into their
;;; cells. Both functions are below: they are called directly.

(%name-static-symbols (%static-names) (%symbol-table))
(%install-static-functions (%static-functions) (%symbol-table))

;; As soon as a package is locked: a function of an operation, a name and a package or NIL; see locks.lisp. Definitions ask for it
;; from here on.
(defglobal *%lock-guard* nil)

;;; Dynamic bindings: the binding stack holds symbols and the values to restore, alternating.

(defun bind-special (symbol value)
  (let* ((depth (%binding-depth))
         (stack (%binding-stack))
         (length (%array-length simple-vector stack)))
    (when (%i32.ge_s (%i32.add depth 1) length)
      (let ((larger (%array-new simple-vector (%i32.mul length 2) nil)))
        (%array-copy simple-vector larger 0 simple-vector stack 0 length)
        (%set-binding-stack larger)
        (setq stack larger)))
    (%array-set simple-vector stack depth symbol)
    (%array-set simple-vector stack (%i32.add depth 1) (%get symbol value symbol))
    (%set-binding-depth (%i32.add depth 2))
    (%set symbol value symbol value)))

(defun unbind-to (depth)
  (let ((top (%i32 (%binding-depth)))
        (bottom (%i32 depth))
        (stack (%binding-stack)))
    (block nil
      (tagbody
       next
         (if (%i32.le_s top bottom) (return nil))
         (setq top (%i32.sub top 2))
         (%set symbol value (%array-ref simple-vector stack top)
               (%array-ref simple-vector stack (%i32.add top 1)))
         (go next)))
    (%set-binding-depth bottom)
    nil))

;; PROGV: symbols without a value become unbound (CLHS 5.3 PROGV).
(defun bind-specials (symbols values)
  (block nil
    (tagbody
     next
       (if (null symbols) (return nil))
       (%check-value-cell :binding (car symbols))
       (bind-special (car symbols) (if values (car values) (%unbound)))
       (setq symbols (cdr symbols)
             values (cdr values))
       (go next))))

;;; Multiple values: the count and the second and later values are in the value globals.

(defun list-values (first)
  (let ((index (%i32 (%value-count)))
        (vector (%value-vector))
        (list nil))
    (if (%i32.eqz index)
        nil
        (block nil
          (tagbody
           next
             (setq index (%i32.sub index 1))
             (if (%i32.eqz index) (return (cons first list)))
             (setq list (cons (%array-ref simple-vector vector index) list))
             (go next))))))

;; Returns the elements of LIST as values.
(defun restore-values (list)
  (let ((count (%i32 0))
        (rest list))
    (block nil
      (tagbody
       next
         (if (null rest) (return nil))
         (if (%i32.ge_s count (%array-length simple-vector (%value-vector)))
             (%grow-value-vector))
         (%array-set simple-vector (%value-vector) count (car rest))
         (setq count (%i32.add count 1)
               rest (cdr rest))
         (go next)))
    (if (%i32.eq count 1)
        (car list)
        (%values-set (car list) (%fixnum count)))))

(defun %grow-value-vector ()
  (let* ((old (%value-vector))
         (length (%array-length simple-vector old))
         (new (%array-new simple-vector (%i32.mul length 2) nil)))
    (%array-copy simple-vector new 0 simple-vector old 0 length)
    (%set-value-vector new)))

;; The values of the last form, reversed onto a list.
(defun append-values (collected first)
  (let ((list (list-values first)))
    (block nil
      (tagbody
       next
         (if (null list) (return collected))
         (setq collected (cons (car list) collected)
               list (cdr list))
         (go next)))))

(defun %reversed-to-vector (list)
  (let ((count (%i32 0))
        (rest list))
    (tagbody
     next
       (if rest
           (progn (setq count (%i32.add count 1)
                        rest (cdr rest))
                  (go next))))
    (let ((vector (%array-new simple-vector count nil)))
      (tagbody
       next
         (if list
             (progn (setq count (%i32.sub count 1))
                    (%array-set simple-vector vector count (car list))
                    (setq list (cdr list))
                    (go next))))
      vector)))

(defun apply-collected (function collected)
  (%apply-vector (coerce-to-function function) (%reversed-to-vector collected)))

;;; Calls.

;; Calls a function object with the elements of a simple vector.
(defun %apply-vector (function vector)
  (let ((count (%array-length simple-vector vector)))
    (cond ((%i32.eq count 1) (%funcall function (%array-ref simple-vector vector 0)))
          ((%i32.eq count 2)
           (%funcall function (%array-ref simple-vector vector 0) (%array-ref simple-vector vector 1)))
          ((%i32.eq count 3)
           (%funcall function (%array-ref simple-vector vector 0) (%array-ref simple-vector vector 1)
                     (%array-ref simple-vector vector 2)))
          ((%i32.eq count 0) (%funcall function))
          ((%i32.eq count 4)
           (%funcall function (%array-ref simple-vector vector 0) (%array-ref simple-vector vector 1)
                     (%array-ref simple-vector vector 2) (%array-ref simple-vector vector 3)))
          (t (%funcall-vector function vector)))))

(defun coerce-to-function (designator)
  (cond ((%is function designator) designator)
        ((%is symbol designator)
         (let ((function (%get symbol function designator)))
           (if (%undefined-function-p function)
               (ensure-callable designator)
               function)))
        (t (%type-error designator '(or function symbol)))))

;; The function in a symbol's cell; one that signals for the symbol's own name if there is none.
(defun ensure-callable (symbol)
  (let ((function (%get symbol function symbol)))
    (if (and (%undefined-function-p function) (not (eq (%get function name function) symbol)))
        (%set symbol function symbol (%undefined-function symbol))
        function)))

(defun rest-from-vector (vector start)
  (let ((index (%i32 (%array-length simple-vector vector)))
        (first (%i32 start))
        (list nil))
    (block nil
      (tagbody
       next
         (if (%i32.le_s index first) (return list))
         (setq index (%i32.sub index 1)
               list (cons (%array-ref simple-vector vector index) list))
         (go next)))))

;; Matches the keyword arguments of a call (CLHS 3.4.1.4): a vector with the argument for each of KEYS, or the marker of a
;; missing argument.
(defun parse-keywords (function vector start keys allow)
  (let* ((end (%i32 (%array-length simple-vector vector)))
         (count (%array-length simple-vector keys))
         (found (%array-new simple-vector count (%unsupplied)))
         (index (%i32 start))
         (unknown (%unsupplied))
         (allowed allow)
         (allowed-seen nil))
    (block nil
      (tagbody
       next
         (if (%i32.ge_s index end) (return nil))
         (if (%i32.eq (%i32.add index 1) end)
             (%odd-keyword-arguments function))
         (let ((key (%array-ref simple-vector vector index))
               (value (%array-ref simple-vector vector (%i32.add index 1)))
               (position (%i32 0))
               (matched nil))
           (if (eq key :allow-other-keys)
               (progn
                 (setq matched t)
                 (if (not allowed-seen)
                     (progn (setq allowed-seen t)
                            (if value (setq allowed t))))))
           (block nil
             (tagbody
              search
                (if (%i32.ge_s position count) (return nil))
                (if (eq key (%array-ref simple-vector keys position))
                    (progn
                      (setq matched t)
                      (if (eq (%array-ref simple-vector found position) (%unsupplied))
                          (%array-set simple-vector found position value))
                      (return nil)))
                (setq position (%i32.add position 1))
                (go search)))
           (if (and (not matched) (eq unknown (%unsupplied)))
               (setq unknown key)))
         (setq index (%i32.add index 2))
         (go next)))
    (if (and (not allowed) (not (eq unknown (%unsupplied))))
        (%unknown-keyword-argument function unknown))
    found))

;;; Catch points: the dynamic variable lists them, each a cons of the tag and the identity that is thrown to.

(defvar *catch-tags* nil)

(defun bind-catch (tag identity)
  (bind-special '*catch-tags* (cons (cons tag identity) *catch-tags*)))

(defun find-catch (tag)
  (let ((rest *catch-tags*))
    (block nil
      (tagbody
       next
         (if (null rest) (return (if (or (eq tag '%toplevel) (eq tag '%exit)) tag (%no-catch-tag tag))))
         (if (eq (car (car rest)) tag) (return (cdr (car rest))))
         (setq rest (cdr rest))
         (go next)))))

;; What has left all forms of a module: an unhandled error, whose report is with the host by now, throws to %TOPLEVEL, and the
;; host takes an exception that nothing catches as the end; EXIT throws a function that ends the program to %EXIT.
(defun leave-toplevel (depth target value)
  (unbind-to depth)
  (if (and *%exiting* (eq target '%exit))
      (%funcall value)
      (progn
        (%finish-program)
        (%throw target value))))

;;; Errors that compiled code detects.

(defun signal-type-error (datum expected)
  (%type-error datum expected))

(defun signal-wrong-argument-count (function count)
  (%wrong-argument-count function count))

;; What the entries of an undefined function do: the function that a restart provides is called in its place.
(defun call-undefined-function (name arguments)
  (%apply-vector (%undefined-function-called name) arguments))

(defun signal-unbound-variable (name)
  (%unbound-variable name))

(defun signal-exit-gone (name)
  (%control-error-exited name))

;;; Text in the module's data.

(%define-raw %literal-string ((offset i32) (length i32)) eq
  (%octets-string (%literal-octets offset length) 0 (%fixnum length)))

;;; Symbols that the module brings along get their names; functions that it defines get into their cells. The octets that
;;; describe a symbol: the length of its name (2), its package's number plus one or 0, whether it is external there, the id of
;;; the symbol whose setf function it names or 0 (2), the name.

(%define-raw %octet-pair ((octets eq) (position i32)) i32
  (%i32.or (%array-ref u8-vector octets position)
           (%i32.shl (%array-ref u8-vector octets (%i32.add position 1)) 8)))

(defun %name-static-symbols (octets symbols)
  (let ((i (%i32 0)) (k (%i32 0)) (count (%array-length simple-vector symbols)))
    (tagbody
     next
       (if (%i32.lt_s k count)
           (let* ((symbol (%array-ref simple-vector symbols k))
                  (base (%octet-pair octets (%i32.add i 4)))
                  (start (%i32.add i 6))
                  (end (%i32.add start (%octet-pair octets i))))
             (%set symbol name symbol (%octets-string octets (%fixnum start) (%fixnum end)))
             (if (%i32.ne base 0)
                 (let ((named (%array-ref simple-vector symbols base)))
                   (%set symbol setf named symbol)
                   (%set symbol info symbol (cons :setf-of (cons named nil)))))
             (setq i end
                   k (%i32.add k 1))
             (go next))))))

(defun %install-static-functions (ids symbols)
  (let ((k (%i32 0)) (count (%array-length u32-vector ids)))
    (tagbody
     next
       (if (%i32.lt_s k count)
           (let ((symbol (%array-ref simple-vector symbols (%array-ref u32-vector ids k))))
             (%set symbol function symbol (%static-function k symbol))
             (setq k (%i32.add k 1))
             (go next))))))

;; The tables of the root module, for files that are linked later while the library is being built.

(defun %root-packages ()
  (%static-packages))

(defun %root-symbols ()
  "A vector with three elements for each symbol of the module: the symbol, the number of its package or NIL, whether it is
external there."
  (let* ((octets (%static-names))
         (symbols (%symbol-table))
         (length (%array-length u8-vector octets))
         (i (%i32 0))
         (k (%i32 0))
         (result (%array-new simple-vector (%i32.mul 3 (%array-length simple-vector symbols)) nil)))
    (tagbody
     next
       (if (%i32.lt_s i length)
           (let ((package (%array-ref u8-vector octets (%i32.add i 2)))
                 (at (%i32.mul k 3)))
             (%array-set simple-vector result at (%array-ref simple-vector symbols k))
             (if (%i32.ne package 0)
                 (%array-set simple-vector result (%i32.add at 1) (%fixnum (%i32.sub package 1))))
             (if (%i32.ne (%array-ref u8-vector octets (%i32.add i 3)) 0)
                 (%array-set simple-vector result (%i32.add at 2) t))
             (setq i (%i32.add (%i32.add i 6) (%octet-pair octets i))
                   k (%i32.add k 1))
             (go next))))
    result))
