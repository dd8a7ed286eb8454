;;;; The encoding of WebAssembly: octets, LEB128, types, instructions, sections.

(in-package :clysm-compiler)

;;; Buffers

(deftype octets ()
  "What is in a buffer."
  '(simple-array (unsigned-byte 8) (*)))

(defstruct (buffer (:constructor make-buffer) (:copier nil))
  "Octets to which more are added."
  (octets (make-array 64 :element-type '(unsigned-byte 8)) :type octets)
  (length 0 :type fixnum))

(defun grow-buffer (buffer count)
  "Makes room for COUNT more octets; returns the vector that has it."
  (let* ((old (buffer-octets buffer))
         (needed (+ (buffer-length buffer) count)))
    (if (<= needed (length old))
        old
        (let ((new (make-array (max needed (* 2 (length old))) :element-type '(unsigned-byte 8))))
          (replace new old :end2 (buffer-length buffer))
          (setf (buffer-octets buffer) new)))))

(defun put-octet (octet buffer)
  "Adds an octet."
  (let ((length (buffer-length buffer))
        (octets (buffer-octets buffer)))
    (declare (type fixnum length) (type octets octets))
    (if (= length (length octets))
        (setq octets (grow-buffer buffer 1)))
    (setf (aref octets length) octet
          (buffer-length buffer) (+ length 1))
    nil))

(defun put-two-octets (first second buffer)
  "Adds two octets."
  (put-octet first buffer)
  (put-octet second buffer))

(defun put-octets (octets start end buffer)
  "Adds those from START to END of a vector of octets."
  (let ((to (grow-buffer buffer (- end start)))
        (length (buffer-length buffer)))
    (replace to octets :start1 length :start2 start :end2 end)
    (setf (buffer-length buffer) (+ length (- end start)))
    nil))

(defun put-buffer (from buffer)
  "Adds what is in another buffer."
  (put-octets (buffer-octets from) 0 (buffer-length from) buffer))

(defun buffer-contents (buffer)
  "A vector of just the octets."
  (subseq (buffer-octets buffer) 0 (buffer-length buffer)))

;;; Numbers and strings

(defun put-unsigned (value buffer)
  "Adds an unsigned integer as LEB128."
  (loop while (>= value 128)
        do (put-octet (logior 128 (logand value 127)) buffer)
           (setq value (ash value -7)))
  (put-octet value buffer))

(defun unsigned-size (value)
  "How many octets an unsigned integer takes as LEB128."
  (let ((size 1))
    (loop while (>= value 128)
          do (incf size)
             (setq value (ash value -7)))
    size))

(eval-when (:compile-toplevel :load-toplevel :execute)
  (defun signed-octets (value)
    "The octets of a signed integer as LEB128."
    (let ((octets '()))
      (loop
        (let ((octet (logand value 127)))
          (setq value (ash value -7))
          (when (= value (if (logtest octet 64) -1 0))
            (return (nreverse (cons octet octets))))
          (push (logior 128 octet) octets)))))

  (defun unsigned-octets (value)
    "The octets of an unsigned integer as LEB128."
    (if (< value 128)
        (list value)
        (cons (logior 128 (logand value 127)) (unsigned-octets (ash value -7)))))

  (defun i32-value (value)
    "The signed 32-bit integer of the same low 32 bits."
    (if (typep value 'fixnum)
        value
        (let ((low (ldb (byte 32 0) value)))
          (if (logbitp 31 low) (- low (ash 1 32)) low))))

  (defun i64-value (value)
    "The signed 64-bit integer of the same low 64 bits."
    (if (typep value 'fixnum)
        value
        (let ((low (ldb (byte 64 0) value)))
          (if (logbitp 63 low) (- low (ash 1 64)) low)))))

(defun put-signed (value buffer)
  "Adds a signed integer as LEB128."
  (if (<= -64 value 63)
      (put-octet (logand value 127) buffer)
      (dolist (octet (signed-octets value))
        (put-octet octet buffer))))

(defun put-little-endian (value count buffer)
  "Adds the COUNT lowest octets of an integer, the lowest first."
  (dotimes (index count)
    (put-octet (ldb (byte 8 (* 8 index)) value) buffer)))

(defun single-float-octets (value)
  "The bits of a single-float, as an integer."
  (ldb (byte 32 0) (clysm::%i64.extend_i32_u (clysm::%i32.reinterpret_f32 (clysm::%f32 value)))))

(defun double-float-octets (value)
  "The bits of a double-float, as an integer."
  (ldb (byte 64 0) (clysm::%i64.reinterpret_f64 (clysm::%f64 value))))

(defun utf8-size (string)
  "How many octets a simple string takes in UTF-8."
  (clysm::%utf8-length string 0 (length string)))

(defun put-utf8 (string buffer)
  "Adds a string in UTF-8."
  (let* ((string (coerce string 'simple-string))
         (size (utf8-size string))
         (octets (grow-buffer buffer size)))
    (clysm::%utf8-encode string 0 (length string) octets (buffer-length buffer))
    (incf (buffer-length buffer) size)
    nil))

(defun put-name (string buffer)
  "Adds a string in UTF-8, preceded by its length."
  (put-unsigned (utf8-size (coerce string 'simple-string)) buffer)
  (put-utf8 string buffer))

;;; Types. Of the heap types, :array is the object model's; the abstract one of all arrays is :any-array.

(eval-when (:compile-toplevel :load-toplevel :execute)
  (defun heap-type-octets (type)
    "The octets of a heap type: a type of the table, its index, or an abstract one."
    (if (integerp type)
        (signed-octets type)
        (case type
          (:eq '(#x6d))
          (:i31 '(#x6c))
          (:any '(#x6e))
          (:none '(#x71))
          (:func '(#x70))
          (:extern '(#x6f))
          (:any-array '(#x6a))
          (t (signed-octets (gc-type-index type))))))

  (defun heap-type-of (type)
    "The heap type of a reference type, or of a heap type itself; and whether it may be null."
    (case type
      (:array-ref (values :any-array t))
      (t (if (consp type)
             (values (second type) (eq (first type) :ref-null))
             (values type nil)))))

  (defun value-type-octets (type)
    "The octets of a value type."
    (case type
      (:eq '(#x64 #x6d))
      (:i32 '(#x7f))
      (:i64 '(#x7e))
      (:f32 '(#x7d))
      (:f64 '(#x7c))
      (:array-ref '(#x6a))
      (t (cons (if (eq (first type) :ref-null) #x63 #x64)
               (heap-type-octets (second type))))))

  (defun block-type-octets (type)
    "The octets of a block type: none, one result, or a type index."
    (cond ((null type) '(#x40))
          ((integerp type) (signed-octets type))
          (t (value-type-octets type)))))

(defun put-octet-list (octets buffer)
  "Adds the octets of a list."
  (dolist (octet octets)
    (put-octet octet buffer)))

(defun put-value-type (type buffer)
  "Adds a value type."
  (put-octet-list (value-type-octets type) buffer))

(defun put-heap-type (type buffer)
  "Adds a heap type."
  (put-octet-list (heap-type-octets type) buffer))

;;; Instructions. Each row is a name, the octets, and the kinds of the operands.

(eval-when (:compile-toplevel :load-toplevel :execute)
  (defparameter *instructions* (make-hash-table :test 'eq)
    "For each instruction: its octets and the kinds of its operands.")

  (defparameter *consecutive-instructions*
    '((#x45 :i32.eqz :i32.eq :i32.ne :i32.lt_s :i32.lt_u :i32.gt_s :i32.gt_u :i32.le_s :i32.le_u :i32.ge_s :i32.ge_u
       :i64.eqz :i64.eq :i64.ne :i64.lt_s :i64.lt_u :i64.gt_s :i64.gt_u :i64.le_s :i64.le_u :i64.ge_s :i64.ge_u
       :f32.eq :f32.ne :f32.lt :f32.gt :f32.le :f32.ge :f64.eq :f64.ne :f64.lt :f64.gt :f64.le :f64.ge
       :i32.clz :i32.ctz :i32.popcnt :i32.add :i32.sub :i32.mul :i32.div_s :i32.div_u :i32.rem_s :i32.rem_u
       :i32.and :i32.or :i32.xor :i32.shl :i32.shr_s :i32.shr_u :i32.rotl :i32.rotr
       :i64.clz :i64.ctz :i64.popcnt :i64.add :i64.sub :i64.mul :i64.div_s :i64.div_u :i64.rem_s :i64.rem_u
       :i64.and :i64.or :i64.xor :i64.shl :i64.shr_s :i64.shr_u :i64.rotl :i64.rotr
       :f32.abs :f32.neg :f32.ceil :f32.floor :f32.trunc :f32.nearest :f32.sqrt :f32.add :f32.sub :f32.mul :f32.div
       :f32.min :f32.max :f32.copysign
       :f64.abs :f64.neg :f64.ceil :f64.floor :f64.trunc :f64.nearest :f64.sqrt :f64.add :f64.sub :f64.mul :f64.div
       :f64.min :f64.max :f64.copysign
       :i32.wrap_i64 :i32.trunc_f32_s :i32.trunc_f32_u :i32.trunc_f64_s :i32.trunc_f64_u
       :i64.extend_i32_s :i64.extend_i32_u :i64.trunc_f32_s :i64.trunc_f32_u :i64.trunc_f64_s :i64.trunc_f64_u
       :f32.convert_i32_s :f32.convert_i32_u :f32.convert_i64_s :f32.convert_i64_u :f32.demote_f64
       :f64.convert_i32_s :f64.convert_i32_u :f64.convert_i64_s :f64.convert_i64_u :f64.promote_f32
       :i32.reinterpret_f32 :i64.reinterpret_f64 :f32.reinterpret_i32 :f64.reinterpret_i64
       :i32.extend8_s :i32.extend16_s :i64.extend8_s :i64.extend16_s :i64.extend32_s)
      (#xfc00 :i32.trunc_sat_f32_s :i32.trunc_sat_f32_u :i32.trunc_sat_f64_s :i32.trunc_sat_f64_u
       :i64.trunc_sat_f32_s :i64.trunc_sat_f32_u :i64.trunc_sat_f64_s :i64.trunc_sat_f64_u))
    "Numeric instructions without operands, by the code of the first.")

  (defparameter *other-instructions*
    '((:unreachable #x00) (:nop #x01) (:block #x02 :block-type) (:loop #x03 :block-type) (:if #x04 :block-type)
      (:else #x05) (:end #x0b) (:br #x0c :index) (:br_if #x0d :index) (:br_table #x0e :labels :index) (:return #x0f)
      (:call #x10 :index) (:call_indirect #x11 :index :index) (:return_call #x12 :index)
      (:return_call_indirect #x13 :index :index) (:throw #x08 :index) (:throw_ref #x0a) (:drop #x1a) (:select #x1b)
      (:try_table #x1f :block-type :catches)
      (:local.get #x20 :index) (:local.set #x21 :index) (:local.tee #x22 :index)
      (:global.get #x23 :index) (:global.set #x24 :index)
      (:table.init #xfc0c :index :index) (:table.grow #xfc0f :index) (:table.size #xfc10 :index)
      (:i32.const #x41 :i32) (:i64.const #x42 :i64) (:f32.const #x43 :f32) (:f64.const #x44 :f64)
      (:ref.null #xd0 :heap-type) (:ref.is_null #xd1) (:ref.func #xd2 :index) (:ref.eq #xd3) (:ref.as_non_null #xd4)
      (:br_on_null #xd5 :index) (:br_on_non_null #xd6 :index)
      (:struct.new #xfb00 :type) (:struct.new_default #xfb01 :type)
      (:struct.get #xfb02 :type :index) (:struct.get_s #xfb03 :type :index) (:struct.get_u #xfb04 :type :index)
      (:struct.set #xfb05 :type :index)
      (:array.new #xfb06 :type) (:array.new_default #xfb07 :type) (:array.new_fixed #xfb08 :type :index)
      (:array.new_data #xfb09 :type :index) (:array.get #xfb0b :type) (:array.get_s #xfb0c :type)
      (:array.get_u #xfb0d :type) (:array.set #xfb0e :type) (:array.len #xfb0f) (:array.fill #xfb10 :type)
      (:array.copy #xfb11 :type :type)
      (:ref.test #xfb14 :tested-type) (:ref.cast #xfb16 :tested-type)
      (:br_on_cast #xfb18 :cast) (:br_on_cast_fail #xfb19 :cast)
      (:ref.i31 #xfb1c) (:i31.get_s #xfb1d) (:i31.get_u #xfb1e))
    "All others: name, code, kinds of operands.")

  (defun define-instruction (name code kinds)
    "Adds an instruction to the table; CODE holds one octet or two."
    (setf (gethash name *instructions*)
          (cons (if (< code 256) (list code) (list (ash code -8) (logand code 255))) kinds)))

  (loop for (first . names) in *consecutive-instructions*
        do (loop for name in names
                 for code from first
                 do (define-instruction name code '())))

  (loop for (name code . kinds) in *other-instructions*
        do (define-instruction name code kinds))

  (defun instruction (name)
    "The octets of an instruction, followed by the kinds of its operands."
    (or (gethash name *instructions*)
        (error "~S is not an instruction." name)))

  (defun type-operand-index (type)
    "The index of a type that is given by its keyword or its index."
    (if (integerp type) type (gc-type-index type)))

  (defun operand-octets (kind value)
    "The octets of an operand other than a float."
    (ecase kind
      (:index (unsigned-octets value))
      (:type (unsigned-octets (type-operand-index value)))
      (:i32 (signed-octets (i32-value value)))
      (:i64 (signed-octets (i64-value value)))
      (:block-type (block-type-octets value))
      (:heap-type (heap-type-octets value))))

  (defun literal-operand (kind form)
    "The value of an operand that is known at compile time, in a list; NIL if it is not known."
    (cond ((integerp form)
           (and (member kind '(:index :type :i32 :i64 :block-type :heap-type)) (list form)))
          ((keywordp form)
           (and (member kind '(:type :block-type :heap-type :tested-type)) (list form)))
          ((null form)
           (and (eq kind :block-type) (list nil)))
          ((not (consp form)) nil)
          ((member (first form) '(:ref :ref-null)) (list form))
          ((member (first form) '(quote)) (list (second form)))
          ((and (eq (first form) 'gc-type-index) (keywordp (second form))) (list (gc-type-index (second form))))
          ((and (member (first form) '(ref-to ref-null-to)) (keywordp (second form)))
           (list (list (if (eq (first form) 'ref-to) :ref :ref-null) (second form))))))

  (defun tested-instruction (octets type)
    "The octets of ref.test or ref.cast for a type: the code of those that let null pass is the next one."
    (multiple-value-bind (heap-type nullable) (heap-type-of type)
      (append (if nullable (list (first octets) (+ 1 (second octets))) octets)
              (heap-type-octets heap-type))))

  (defun put-forms (octets)
    "Forms that add known octets to the code."
    (cond ((null octets) '())
          ((null (rest octets)) `((put-octet ,(first octets) *code*)))
          (t `((put-two-octets ,(first octets) ,(second octets) *code*)
               ,@(put-forms (cddr octets))))))

  (defun operand-form (kind form)
    "A form that adds an operand to the code."
    (ecase kind
      (:index `(put-unsigned ,form *code*))
      ((:i32 :i64 :f32 :f64 :type :block-type :heap-type :labels :catches) `(put-operand ,kind ,form *code*))))

  (defun operand-forms (octets kinds operands)
    "Forms that add an instruction's OCTETS and then its operands to the code. Neighbouring known octets are put together."
    (if (null kinds)
        (put-forms octets)
        (let ((literal (and (not (member (first kinds) '(:labels :catches :f32 :f64)))
                            (literal-operand (first kinds) (first operands)))))
          (if literal
              (operand-forms (append octets (operand-octets (first kinds) (first literal)))
                             (rest kinds) (rest operands))
              (append (put-forms octets)
                      (list (operand-form (first kinds) (first operands)))
                      (operand-forms '() (rest kinds) (rest operands)))))))

  (defun instruction-forms (name operands)
    "Forms that add an instruction to the code."
    (destructuring-bind (octets . kinds) (instruction name)
      (case (first kinds)
        (:tested-type
         (let ((literal (literal-operand :tested-type (first operands))))
           (if literal
               (put-forms (tested-instruction octets (first literal)))
               `((put-octet-list (tested-instruction ',octets ,(first operands)) *code*)))))
        (:cast
         (destructuring-bind (label from to) operands
           `((put-cast ',octets ,label
                       ,@(mapcar (lambda (form)
                                   (let ((literal (literal-operand :tested-type form)))
                                     (if literal `',(first literal) form)))
                                 (list from to))))))
        (t
         (unless (= (length kinds) (length operands))
           (error "~S takes ~D operands, not ~D." name (length kinds) (length operands)))
         (operand-forms octets kinds operands)))))

  (defun instruction-notes (name operands)
    "Forms that note what an instruction means for the function."
    (case name
      ((:struct.new :array.new :array.new_fixed)
       (let ((literal (literal-operand :type (first operands))))
         `((note-made ,(if literal (type-operand-index (first literal)) (first operands))))))
      ((:call_indirect :return_call_indirect) '((note-object-call)))
      (t '()))))

(defvar *code* nil
  "The buffer that instructions are written to, in general a code-builder.")

(defmacro op (name &rest operands)
  "Writes an instruction to *CODE*. NAME is the keyword of its name in the text format; with any other form for it, the
instruction is looked up when the form runs. Types are keywords, indices, or lists such as (:ref :cons), quoted or not."
  (if (keywordp name)
      `(progn ,@(instruction-notes name operands)
              ,@(instruction-forms name operands)
              nil)
      `(put-instruction ,name ,@operands)))

(defmacro ops (&rest instructions)
  "Writes several instructions."
  `(progn ,@(mapcar (lambda (instruction) `(op ,@instruction)) instructions)))

(defun put-operand (kind value buffer)
  "Adds an operand."
  (case kind
    (:f32 (put-little-endian (single-float-octets value) 4 buffer))
    (:f64 (put-little-endian (double-float-octets value) 8 buffer))
    (:i32 (put-signed (i32-value value) buffer))
    (:index (put-unsigned value buffer))
    (:labels
     (put-unsigned (length value) buffer)
     (dolist (label value)
       (put-unsigned label buffer)))
    (:catches
     (put-unsigned (length value) buffer)
     (dolist (catch value)
       (put-catch catch buffer)))
    (t (put-octet-list (operand-octets kind value) buffer))))

(defun put-catch (catch buffer)
  "Adds a catch clause: (:catch tag label), (:catch_ref tag label), (:catch_all label) or (:catch_all_ref label)."
  (put-octet (ecase (first catch)
               (:catch 0)
               (:catch_ref 1)
               (:catch_all 2)
               (:catch_all_ref 3))
             buffer)
  (dolist (index (rest catch))
    (put-unsigned index buffer)))

(defun put-cast (octets label from to)
  "Adds br_on_cast or br_on_cast_fail, whose OCTETS are given."
  (multiple-value-bind (from-type from-null) (heap-type-of from)
    (multiple-value-bind (to-type to-null) (heap-type-of to)
      (put-octet-list octets *code*)
      (put-octet (+ (if from-null 1 0) (if to-null 2 0)) *code*)
      (put-unsigned label *code*)
      (put-heap-type from-type *code*)
      (put-heap-type to-type *code*))))

(defun put-instruction (name &rest operands)
  "Writes an instruction that is not known before."
  (destructuring-bind (octets . kinds) (instruction name)
    (case name
      ((:struct.new :array.new :array.new_fixed) (note-made (first operands)))
      ((:call_indirect :return_call_indirect) (note-object-call)))
    (case (first kinds)
      (:tested-type (put-octet-list (tested-instruction octets (first operands)) *code*))
      (:cast (put-cast octets (first operands) (second operands) (third operands)))
      (t (put-octet-list octets *code*)
         (loop for kind in kinds
               for operand in operands
               do (put-operand kind operand *code*))))
    nil))

(defmacro with-octets ((buffer) &body body)
  "Evaluates BODY so that instructions are written to BUFFER."
  `(let ((*code* ,buffer))
     ,@body))

;;; Sections

(defstruct (section (:include buffer) (:copier nil))
  "The contents of a section that is a vector, and how many elements it has so far."
  (count 0 :type fixnum))

(defun count-item (section)
  "Notes that one more element of a section follows."
  (incf (section-count section)))

(defun put-section (id section module)
  "Adds a section to a module."
  (put-octet id module)
  (put-unsigned (+ (unsigned-size (section-count section)) (buffer-length section)) module)
  (put-unsigned (section-count section) module)
  (put-buffer section module))

(defun put-custom-section (name contents module)
  "Adds a custom section with what is in the buffer CONTENTS."
  (let ((size (utf8-size name)))
    (put-octet 0 module)
    (put-unsigned (+ (unsigned-size size) size (buffer-length contents)) module)
    (put-name name module)
    (put-buffer contents module)))

(defun start-module ()
  "A buffer that holds the beginning of a module."
  (let ((module (make-buffer)))
    (put-octet-list '(#x00 #x61 #x73 #x6d #x01 #x00 #x00 #x00) module)
    module))
