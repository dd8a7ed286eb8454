;;;; Logical functions of integers and byte specifiers (CLHS 12.1.1.3.2, 12.2).

(in-package :clysm)

;;; Logical functions

(%define-fold logand generic-logand -1 %check-integer)
(%define-fold logior generic-logior 0 %check-integer)
(%define-fold logxor generic-logxor 0 %check-integer)
(%define-fold logeqv %logeqv -1 %check-integer)

(defun lognot (integer)
  (if (%fixnump integer)
      (%fixnum (%i32.xor integer -1))
      (%integer-subtract -1 (%check-integer integer))))

(defun %logeqv (a b) (lognot (generic-logxor a b)))
(defun logandc1 (integer-1 integer-2) (generic-logand (lognot integer-1) integer-2))
(defun logandc2 (integer-1 integer-2) (generic-logand integer-1 (lognot integer-2)))
(defun lognand (integer-1 integer-2) (lognot (generic-logand integer-1 integer-2)))
(defun lognor (integer-1 integer-2) (lognot (generic-logior integer-1 integer-2)))
(defun logorc1 (integer-1 integer-2) (generic-logior (lognot integer-1) integer-2))
(defun logorc2 (integer-1 integer-2) (generic-logior integer-1 (lognot integer-2)))

(defun logtest (integer-1 integer-2)
  (not (eq (generic-logand integer-1 integer-2) 0)))

(defun %check-natural (x)
  "Checks that X is an integer not less than zero."
  (if (and (%integer-p x) (not (%negative-p x)))
      x
      (%type-error x 'unsigned-byte)))

(defun logbitp (index integer)
  (%check-natural index)
  (%check-integer integer)
  (if (%fixnump index)
      (%integer-odd-p (%shift-right integer index))
      (%negative-p integer)))

;;; BOOLE: the constants are the truth tables of the operations. Bit 0 is the result for two zeros, bit 1 for the
;;; bits 1 0, bit 2 for 0 1, bit 3 for two ones.

(defconstant boole-clr 0)
(defconstant boole-nor 1)
(defconstant boole-andc2 2)
(defconstant boole-c2 3)
(defconstant boole-andc1 4)
(defconstant boole-c1 5)
(defconstant boole-xor 6)
(defconstant boole-nand 7)
(defconstant boole-and 8)
(defconstant boole-eqv 9)
(defconstant boole-1 10)
(defconstant boole-orc2 11)
(defconstant boole-2 12)
(defconstant boole-orc1 13)
(defconstant boole-ior 14)
(defconstant boole-set 15)

(defun boole (op integer-1 integer-2)
  (unless (and (%fixnump op) (%i32.ge_s op 0) (%i32.le_s op 15))
    (%type-error op '(integer 0 15)))
  (%check-integer integer-1)
  (%check-integer integer-2)
  (case op
    (0 0)
    (1 (lognor integer-1 integer-2))
    (2 (logandc2 integer-1 integer-2))
    (3 (lognot integer-2))
    (4 (logandc1 integer-1 integer-2))
    (5 (lognot integer-1))
    (6 (generic-logxor integer-1 integer-2))
    (7 (lognand integer-1 integer-2))
    (8 (generic-logand integer-1 integer-2))
    (9 (%logeqv integer-1 integer-2))
    (10 integer-1)
    (11 (logorc2 integer-1 integer-2))
    (12 integer-2)
    (13 (logorc1 integer-1 integer-2))
    (14 (generic-logior integer-1 integer-2))
    (t -1)))

;;; Byte specifiers are conses of size and position.

(defun byte (size position)
  (cons (%check-natural size) (%check-natural position)))

(defun byte-size (bytespec) (car bytespec))
(defun byte-position (bytespec) (cdr bytespec))

(defun %field-mask (size)
  "SIZE ones."
  (if (and (%fixnump size) (%i32.lt_s size 30))
      (%fixnum (%i32.sub (%i32.shl 1 size) 1))
      (%integer-subtract (ash 1 size) 1)))

(defun %load-field (size position integer)
  "The SIZE bits of INTEGER from POSITION on."
  (let ((shifted (if (and (%fixnump integer) (%fixnump position) (%i32.lt_s position 31))
                     (%fixnum (%i32.shr_s integer position))
                     (ash integer (generic-negate position)))))
    (cond ((and (%fixnump size) (%i32.lt_s size 30))
           (generic-logand shifted (%field-mask size)))
          ;; A wide field of a positive integer may be wider than any integer that can be made.
          ((and (not (%negative-p shifted)) (generic-less-equal (integer-length shifted) size)) shifted)
          (t (%integer-and shifted (%field-mask size))))))

(defun ldb (bytespec integer)
  (%load-field (byte-size bytespec) (byte-position bytespec) (%check-integer integer)))

(defun ldb-test (bytespec integer)
  (not (eq (ldb bytespec integer) 0)))

(defun mask-field (bytespec integer)
  (ash (ldb bytespec integer) (byte-position bytespec)))

(defun dpb (newbyte bytespec integer)
  (%check-integer newbyte)
  (%check-integer integer)
  (let* ((size (byte-size bytespec))
         (position (byte-position bytespec))
         (mask (%field-mask size)))
    (generic-logxor integer
                    (ash (generic-logand mask (generic-logxor newbyte (%load-field size position integer)))
                         position))))

(defun deposit-field (newbyte bytespec integer)
  (%check-integer newbyte)
  (%check-integer integer)
  (let ((mask (ash (%field-mask (byte-size bytespec)) (byte-position bytespec))))
    (generic-logxor integer (generic-logand mask (generic-logxor newbyte integer)))))
