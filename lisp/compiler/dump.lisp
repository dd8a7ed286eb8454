;;;; What the compiler makes of forms, as S-expressions: trees and functions' code. The other compiler writes the same, so that
;;;; the first difference between the two has a name. Mirrors dump.rs.

(in-package :clysm-compiler)

(defun dump (form lowered stream)
  "Writes a toplevel form to STREAM: what it is, its tree, and its functions' code."
  (dump-form form stream)
  (dolist (function (lowered-form-functions lowered))
    (dump-lowered function stream)))

(defun dump-form (form stream)
  (destructuring-bind (kind symbol &optional function) (top-form-kind form)
    (format stream "(form ~(~A~)~@[ ~A~]~@[ f~D~])~%"
            kind
            (if (and (eq kind :expression) (null symbol)) nil (symbol-text symbol))
            (and function (lambda-function-index function))))
  (let ((ast (top-form-ast form)))
    (dump-variables ast stream)
    (loop for function across (ast-functions ast)
          do (dump-function function stream))))

(defun dump-variables (ast stream)
  (loop for variable across (ast-variables ast)
        do (format stream " (variable v~D ~A f~D ~(~A~) ~(~A~) ~(~A~) ~(~A~) ~D)~%"
                   (variable-info-index variable)
                   (symbol-text (variable-info-name variable))
                   (lambda-function-index (variable-info-owner variable))
                   (variable-info-declared variable)
                   (let ((vector (variable-info-vector variable)))
                     (and vector (gc-type-index vector)))
                   (and (variable-info-assigned variable) t)
                   (and (variable-info-captured variable) t)
                   (variable-info-reads variable)))
  (loop for block across (ast-blocks ast)
        do (format stream " (block b~D f~D ~A)~%"
                   (block-info-index block)
                   (lambda-function-index (block-info-owner block))
                   (variable-text (block-info-token block))))
  (loop for tagbody across (ast-tagbodies ast)
        do (format stream " (tagbody t~D f~D ~A)~%"
                   (tagbody-info-index tagbody)
                   (lambda-function-index (tagbody-info-owner tagbody))
                   (variable-text (tagbody-info-token tagbody)))))

(defun dump-function (function stream)
  (let ((parameters (lambda-function-parameters function))
        (name (lambda-function-name function))
        (parent (lambda-function-parent function)))
    (format stream " (function f~D ~A ~A (~D ~D ~(~A~) ~(~A~) ~(~A~) (~{~A~^ ~})) (~{~A~^ ~}) ~(~A~) ~A~%"
            (lambda-function-index function)
            (if name (symbol-text name) "nil")
            (if parent (format nil "f~D" (lambda-function-index parent)) "nil")
            (length (parameters-required parameters))
            (length (parameters-optional parameters))
            (and (parameters-rest parameters) t)
            (and (parameters-accepts-keywords parameters) t)
            (and (parameters-allow-other-keys parameters) t)
            (mapcar (lambda (keyword) (symbol-text (keyword-info-keyword keyword))) (parameters-keywords parameters))
            (mapcar #'variable-text (parameters-variables parameters))
            (and (lambda-function-escapes function) t)
            (variable-text (lambda-function-holder function)))
    (dump-node (lambda-function-body function) 2 stream)
    (format stream ")~%")))

(defun dump-node (node depth stream)
  (dotimes (i depth) (write-char #\Space stream))
  (format stream "(~A" (node-head node))
  (map-children (lambda (child)
                  (terpri stream)
                  (dump-node child (+ depth 1) stream))
                node)
  (write-char #\) stream))

(defun node-head (node)
  "What a node is, but for its subexpressions."
  (etypecase node
    (literal-node (format nil "literal ~A" (datum-text (ast-literal-value (literal-node-literal node)))))
    (local-node (format nil "local ~A" (variable-text (local-node-variable node))))
    (set-local-node (format nil "set-local ~A" (variable-text (set-local-node-variable node))))
    (special-node (format nil "special ~A" (symbol-text (special-node-symbol node))))
    (set-special-node (format nil "set-special ~A" (symbol-text (set-special-node-symbol node))))
    (global-function-node (format nil "global-function ~A" (symbol-text (global-function-node-symbol node))))
    (closure-node (format nil "closure ~A" (function-text (closure-node-function node))))
    (call-node
     (destructuring-bind (kind callee) (call-node-callee node)
       (format nil "call ~A"
               (ecase kind
                 (:global (symbol-text callee))
                 (:notinline (format nil "notinline ~A" (symbol-text callee)))
                 (:local (function-text callee))
                 (:computed "computed")))))
    (primitive-node
     (format nil "primitive ~A ~D ~D"
             (primitive-name (primitive-node-op node))
             (primitive-node-immediate-1 node)
             (primitive-node-immediate-2 node)))
    (if-node "if")
    (progn-node "progn")
    (let-node (format nil "let (~{~A~^ ~})" (mapcar (lambda (binding) (variable-text (car binding))) (let-node-bindings node))))
    (bind-special-node
     (format nil "bind-special (~{~A~^ ~})"
             (mapcar (lambda (binding) (symbol-text (car binding))) (bind-special-node-bindings node))))
    (progv-node "progv")
    (block-node (format nil "block b~D" (block-info-index (block-node-block node))))
    (return-from-node (format nil "return-from b~D" (block-info-index (return-from-node-block node))))
    (tagbody-node
     (format nil "tagbody t~D (~{~D~^ ~})"
             (tagbody-info-index (tagbody-node-tagbody node))
             (mapcar #'length (tagbody-node-segments node))))
    (go-node (format nil "go t~D ~D" (tagbody-info-index (go-node-tagbody node)) (go-node-segment node)))
    (catch-node "catch")
    (throw-node "throw")
    (unwind-protect-node "unwind-protect")
    (local-functions-node
     (format nil "local-functions (~{~A~^ ~})" (mapcar #'function-text (local-functions-node-functions node))))
    (values-node "values")
    (multiple-value-bind-node
     (format nil "multiple-value-bind (~{~A~^ ~})"
             (mapcar #'variable-text (multiple-value-bind-node-variables node))))
    (multiple-value-call-node "multiple-value-call")
    (multiple-value-prog1-node "multiple-value-prog1")
    (load-time-value-node (format nil "load-time-value ~D" (load-time-value-node-index node)))))

;;; Code

(defun dump-lowered (lowered stream)
  (format stream " (lowered ~A~%" (function-text (lowered-function-id lowered)))
  (dump-code (lowered-function-code lowered) stream)
  (loop for (table . entry) in (let ((entries (lowered-function-entries lowered))) (and entries (entries-by-table entries)))
        do (cond ((eq entry :function) (format stream "  (entry ~D function)~%" table))
                 ((eq entry :pack) (format stream "  (entry ~D pack)~%" table))
                 (t (format stream "  (entry ~D adaptor~%" table)
                    (dump-code (second entry) stream)
                    (format stream "  )~%"))))
  (format stream " )~%"))

(defun dump-code (code stream)
  (format stream "  (code ~S ~A -> ~A locals ~A~%"
          (trim-counter (compiled-function-name code))
          (types-text (compiled-function-params code))
          (types-text (compiled-function-results code))
          (types-text (compiled-function-locals code)))
  (let ((octets (compiled-function-code code))
        (start 0))
    (loop for (offset . target) in (compiled-function-relocations code)
          do (format stream "   ~A~%   ~A~%" (hexadecimal octets start offset) (target-text target))
             (setq start offset))
    (format stream "   ~A~%  )~%" (hexadecimal octets start (length octets)))))

(defun hexadecimal (octets start end)
  (with-output-to-string (stream)
    (loop for i from start below end
          do (write-char (char-downcase (digit-char (ash (aref octets i) -4) 16)) stream)
             (write-char (char-downcase (digit-char (logand (aref octets i) 15) 16)) stream))))

(defun types-text (types)
  "Value types by their encoding."
  (let ((buffer (make-buffer)))
    (map nil (lambda (type) (put-value-type type buffer)) types)
    (let ((octets (buffer-contents buffer)))
      (format nil "(~A)" (hexadecimal octets 0 (length octets))))))

(defun target-text (target)
  (destructuring-bind (kind reference) target
    (ecase kind
      (:function
       (destructuring-bind (kind what) reference
         (ecase kind
           (:global (format nil "(function ~A)" (symbol-text what)))
           (:local (format nil "(function ~A)" (function-text what)))
           (:import (format nil "(import ~D)" what))
           (:named (format nil "(named-import ~D)" what))
           (:numbered (format nil "(numbered ~D)" what)))))
      (:global
       (destructuring-bind (kind what) reference
         (ecase kind
           (:symbol (format nil "(symbol ~A)" (symbol-text what)))
           (:literal (format nil "(literal ~D)" what))
           (:static-function (format nil "(static-function ~A)" (function-text what)))
           (:load-time-value (format nil "(load-time-value ~D)" what))
           (:runtime (format nil "(runtime ~(~A~))" what))
           (:numbered (format nil "(numbered-global ~D)" what)))))
      (:code-index (format nil "(code-index ~A)" (function-text reference)))
      (:static-data (format nil "(static-data ~A)" (remove #\- (string-capitalize (symbol-name reference))))))))

;;; Names

(defun variable-text (variable)
  (if variable
      (format nil "v~D" (variable-info-index variable))
      "nil"))

(defun function-text (function)
  (format nil "f~D" (lambda-function-index function)))

(defun symbol-text (symbol)
  "A symbol with its home package, whatever the current one is."
  (let ((base (setf-base symbol))
        (package (symbol-package symbol)))
    (cond (base (format nil "(setf ~A)" (symbol-text base)))
          ((keywordp symbol) (format nil ":~A" (symbol-name symbol)))
          (package (format nil "~A::~A" (package-name package) (symbol-name symbol)))
          (t (format nil "#:~A" (trim-counter (symbol-name symbol)))))))

(defun datum-text (datum)
  "A constant; compound ones only by their outermost type."
  (typecase datum
    (symbol (symbol-text datum))
    (cons "cons")
    (string "string")
    ((eql #\Space) "#\\Space")
    ((or (signed-byte 64) character float)
     (with-standard-io-syntax (prin1-to-string datum)))
    (t "object")))

(defun trim-counter (name)
  "The name of an uninterned symbol without the number that tells it from others."
  (string-right-trim "0123456789" name))
