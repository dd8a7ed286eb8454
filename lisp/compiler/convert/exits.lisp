;;;; Exit points: BLOCK, TAGBODY, CATCH, UNWIND-PROTECT and their exits.

(in-package :clysm-compiler)

(defun convert-block (form)
  "(BLOCK NAME . BODY)"
  (let ((operands (convert-operands form 1 nil)))
    (check-block-name form (first operands))
    (convert-block-around (first operands)
                          (lambda () (convert-sequence (rest operands))))))

(defun check-block-name (form name)
  (unless (symbolp name)
    (convert-malformed form "the name is not a symbol")))

(defun convert-block-around (name body)
  "A block around what the function BODY converts; without exits it is just that."
  (let ((block (ast-add-block (converter-ast *converter*) name (converter-function *converter*)))
        (exits-before (converter-exit-count *converter*)))
    (let ((node (with-inner-scope
                  (scope-bind-block name block)
                  (funcall body))))
      (if (eql (converter-exit-count *converter*) exits-before)
          node
          (make-block-node :span (converter-span *converter*) :block block :body node)))))

(defun convert-return-from (form)
  "(RETURN-FROM NAME [VALUE])"
  (let ((operands (convert-operands form 1 2)))
    (check-block-name form (first operands))
    (convert-return-node (first operands) (convert-form (second operands)))))

(defun convert-return-node (name value)
  "The exit with VALUE from the innermost block of that NAME."
  (let ((block (scope-block name)))
    (unless block
      (compile-failure :unknown-block (symbol-name name)))
    (incf (converter-exit-count *converter*))
    (unless (eq (block-info-owner block) (converter-function *converter*))
      (unless (block-info-token block)
        (setf (block-info-token block)
              (ast-add-variable (converter-ast *converter*) name (block-info-owner block))))
      (convert-mark-reference (block-info-token block)))
    (make-return-from-node :span (converter-span *converter*) :block block :value value)))

(defun convert-tagbody (form)
  "(TAGBODY STATEMENT ...)"
  (convert-tagbody-of (convert-operands form 0 nil)))

(defun tag-p (statement)
  "Whether a statement of a TAGBODY is a tag."
  (or (symbolp statement)
      (typep statement '(signed-byte 64))))

(defun convert-tagbody-of (statements)
  (let ((tagbody (ast-add-tagbody (converter-ast *converter*) (converter-function *converter*)))
        (segments (list '())))          ; the last one first, and so the nodes in each
    (with-inner-scope
      (loop for tag in (remove-if-not #'tag-p statements)
            for segment from 1
            do (scope-bind-tag tag tagbody segment))
      (dolist (statement statements)
        (if (tag-p statement)
            (push '() segments)
            (push (convert-form statement) (first segments)))))
    (if (null (rest segments))
        (convert-progn-node (nreverse (cons (node-nil) (first segments))))
        (make-tagbody-node :span (converter-span *converter*)
                           :tagbody tagbody
                           :segments (nreverse (mapcar #'nreverse segments))))))

(defun convert-go (form)
  "(GO TAG)"
  (let* ((operands (convert-operands form 1 1))
         (found (scope-tag (first operands))))
    (unless found
      (compile-failure :unknown-tag (prin1-to-string (first operands))))
    (destructuring-bind (tagbody segment) found
      (unless (eq (tagbody-info-owner tagbody) (converter-function *converter*))
        (unless (tagbody-info-token tagbody)
          (setf (tagbody-info-token tagbody)
                (ast-add-variable (converter-ast *converter*) (context-gensym "tagbody") (tagbody-info-owner tagbody))))
        (convert-mark-reference (tagbody-info-token tagbody)))
      (make-go-node :span (converter-span *converter*) :tagbody tagbody :segment segment))))

(defun convert-catch (form)
  "(CATCH TAG . BODY)"
  (let* ((operands (convert-operands form 1 nil))
         (tag (convert-form (first operands))))
    (make-catch-node :span (converter-span *converter*) :tag tag :body (convert-sequence (rest operands)))))

(defun convert-throw (form)
  "(THROW TAG VALUES)"
  (let* ((operands (convert-operands form 2 2))
         (tag (convert-form (first operands))))
    (make-throw-node :span (converter-span *converter*) :tag tag :values (convert-form (second operands)))))

(defun convert-unwind-protect (form)
  "(UNWIND-PROTECT BODY . CLEANUP)"
  (let* ((operands (convert-operands form 1 nil))
         (body (convert-form (first operands))))
    (if (null (rest operands))
        body
        (make-unwind-protect-node :span (converter-span *converter*)
                                  :body body
                                  :cleanup (convert-sequence (rest operands))))))
