;;;; Primitive operations: operands that name types and fields are resolved here, the others are ordinary forms.

(in-package :clysm-compiler)

(defun convert-primitive (primitive form)
  "The node of FORM, whose operator names PRIMITIVE."
  (let ((operands (convert-operands form 0 nil))
        (operation (primitive-operation primitive)))
    (cond ((eq (first operation) :typed)
           (convert-typed-primitive primitive (second operation) operands))
          ((eq (first operation) :named)
           (convert-named-import primitive (second operation) operands))
          ((equal operation '(:special :funcall))
           (convert-primitive-node primitive 0 0 operands))
          (t (check-operand-count primitive (length (primitive-params primitive)) operands)
             (convert-primitive-node primitive 0 0 operands)))))

(defun convert-named-import (primitive kind operands)
  "(%TOOL.INVOKE \"name\" octets): the name becomes that of an import."
  (let ((name (first operands)))
    (unless (and (eql (length operands) 2) (stringp name) (> (length name) 0))
      (convert-misuse primitive "the operands are not a literal name and octets"))
    (convert-primitive-node primitive
                            (context-named-import (cons (named-import-module kind) name))
                            0
                            (rest operands))))

(defun check-operand-count (primitive count operands)
  (unless (eql (length operands) count)
    (convert-misuse primitive (format nil "~D operands" (length operands)))))

(defun convert-primitive-node (primitive immediate-1 immediate-2 operands)
  (let ((arguments (mapcar #'convert-form operands)))
    (make-primitive-node :span (converter-span *converter*)
                         :op primitive
                         :immediate-1 immediate-1
                         :immediate-2 immediate-2
                         :arguments arguments)))

(defun convert-typed-primitive (primitive operation operands)
  "A primitive over the type that the first operand names."
  (when (null operands)
    (convert-misuse primitive "no type"))
  (let* ((type (convert-type-operand primitive (first operands)))
         (rest (rest operands)))
    (case operation
      (:is (expect-operands primitive 1 rest))
      (:possible (expect-operands primitive 0 rest))
      (:new (when (gc-type-element type)
              (convert-misuse primitive "an array type"))
            (expect-operands primitive (length (gc-type-fields type)) rest))
      ((:get :set) (return-from convert-typed-primitive (convert-field-primitive primitive operation type rest)))
      (t (return-from convert-typed-primitive (convert-array-primitive primitive operation type rest))))
    (convert-primitive-node primitive (gc-type-index type) 0 rest)))

(defun expect-operands (primitive count operands)
  (unless (eql (length operands) count)
    (convert-misuse primitive "wrong number of operands")))

(defun convert-field-primitive (primitive operation type operands)
  "Access to the field of TYPE that the first of OPERANDS names."
  (when (null operands)
    (convert-misuse primitive "no field"))
  (expect-operands primitive (if (eq operation :get) 1 2) (rest operands))
  (convert-primitive-node primitive
                          (gc-type-index type)
                          (convert-field-operand primitive type (first operands))
                          (rest operands)))

(defun convert-array-primitive (primitive operation type operands)
  (unless (gc-type-element type)
    (convert-misuse primitive "not an array type"))
  (cond ((eq operation :array-copy)
         (expect-operands primitive 6 operands)
         (destructuring-bind (to to-start source-type from from-start count) operands
           (convert-primitive-node primitive
                                   (gc-type-index type)
                                   (gc-type-index (convert-type-operand primitive source-type))
                                   (list to to-start from from-start count))))
        (t (expect-operands primitive
                            (case operation
                              (:array-length 1)
                              (:array-set 3)
                              (:array-fill 4)
                              (t 2))
                            operands)
           (convert-primitive-node primitive (gc-type-index type) 0 operands))))

(defun convert-type-operand (primitive operand)
  "The type that the symbol OPERAND names."
  (let ((type (and (symbolp operand) (find-symbol (symbol-name operand) :keyword))))
    (if (and type (gethash type *gc-type-indices*))
        type
        (convert-misuse primitive "the first operand is not the name of a type"))))

(defun convert-field-operand (primitive type operand)
  "The index of the field of TYPE that the symbol OPERAND names."
  (or (and (symbolp operand)
           (values (gc-type-field type (string-downcase (symbol-name operand)))))
      (convert-misuse primitive (format nil "~A has no such field" (gc-type-name type)))))

(defun convert-misuse (primitive reason)
  "PRIMITIVE is used wrongly."
  (compile-failure :primitive (primitive-name primitive) reason))

(defun convert-system-primitive (name &rest arguments)
  "The operation of the primitive without type operands whose symbol is NAME."
  (make-primitive-node :span (converter-span *converter*)
                       :op (find-primitive name)
                       :immediate-1 0
                       :immediate-2 0
                       :arguments arguments))
