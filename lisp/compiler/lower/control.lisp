;;;; Exits, dynamic bindings and protection. Mirrors lower/control.rs.
;;;;
;;;; An exit whose target is in the same function is a branch; on its way it restores the dynamic bindings it leaves and
;;;; runs the cleanups it crosses. An exit from another function is a Wasm exception: its payload is the identity of the
;;;; target (a cell that the target's token variable holds, whose value is nil once the target is gone) and the first
;;;; value; whoever catches it compares the identity and throws it on if it is not its own.
;;;;
;;;; An exit leads to (:block BLOCK) or (:tag TAGBODY SEGMENT).

(in-package :clysm-compiler)

(defconstant +unwind-tag+ 0 "The one exception tag.")

;;; What is pending while a cleanup runs: 0, nothing; an exception that runs through; an exit by branch, by its number.
(defconstant +rethrow+ 1)
(defconstant +first-exit+ 2)

;;; What an exit may have to leave

(defstruct (block-frame (:constructor make-block-frame (block label want)) (:copier nil))
  "A block whose exits deliver as WANT; without a label they return from the function."
  block label want)

(defstruct (tagbody-frame (:constructor make-tagbody-frame (tagbody labels state top)) (:copier nil))
  "A tagbody. Jumps within it go to the label of a segment, or put the segment's number into a local and are dispatched
at a label."
  tagbody
  labels                    ; a vector with a label for each segment that is jumped to, or NIL
  state                     ; else the local for the number of the segment
  top)                      ; and the label at which that is dispatched on

(defstruct (token-frame (:constructor make-token-frame (identity)) (:copier nil))
  "The dynamic extent of an exit point that other functions may use; its identity is in a local."
  identity)

(defstruct (bindings-frame (:constructor make-bindings-frame (depth)) (:copier nil))
  "Dynamic bindings, to be undone to the depth in a local."
  depth)

(defstruct (cleanup-frame (:constructor make-cleanup-frame (label value pending)) (:copier nil))
  "The protected part of an UNWIND-PROTECT."
  label                     ; where its cleanup begins
  value                     ; the local for the first value
  pending                   ; the local for what is to be done after the cleanup
  (exits '()))              ; the exits that wait for the cleanup, oldest first

(defmacro with-frame ((frame) &body body)
  "Evaluates BODY, which writes code that exits may leave through FRAME."
  `(progn (push ,frame (lowerer-frames *lowerer*))
          ,@body
          (pop (lowerer-frames *lowerer*))))

(defmacro lower-catching ((identity out) &body body)
  "Evaluates BODY, which writes code, so that an exception for IDENTITY continues after that code with the thrown value
on the stack. Normal completion branches to OUT."
  (let ((depth (gensym "DEPTH")) (identity-local (gensym "IDENTITY")))
    `(let ((,identity-local ,identity)
           (,depth (begin-catching)))
       (with-frame ((make-token-frame ,identity-local))
         ,@body)
       (finish-catching ,identity-local ,depth ,out))))

(defun inner-want (want)
  "What the inside of a construct delivers that has work to do before it returns."
  (if (eq want :return) :values want))

;;; Blocks

(defun lower-block (block body want)
  (cond ((block-info-token block) (lower-block-with-token block body want))
        ((eq want :return)
         (with-frame ((make-block-frame block nil want))
           (lower-node body want)))
        (t
         (let ((label (code-block (want-type want))))
           (with-frame ((make-block-frame block label want))
             (lower-node body want))
           (code-end)))))

(defun lower-block-with-token (block body want)
  "A block that other functions exit from."
  (let* ((inner (inner-want want))
         (identity (lower-make-token (block-info-token block)))
         (out (code-block (want-type inner))))
    (with-frame ((make-block-frame block out inner))
      (lower-catching (identity out) (lower-node body inner)))
    ;; An exit from another function arrives here, its value on the stack.
    (lower-deliver-values inner)
    (code-end)
    (lower-retire identity)
    (lower-outer-deliver inner want)))

(defun lower-outer-deliver (inner want)
  "Delivers, to the context around a construct, what the construct delivered to its inside."
  (when (and (eq want :return) (eq inner :values))
    (lower-deliver-values want)))

;;; Identities of exit points

(defun lower-make-identity ()
  "A new identity, in a local."
  (code-global-get '(:symbol t))
  (op :struct.new :cell)
  (lower-store-object))

(defun lower-make-token (token)
  "A new identity in the token variable; it is a captured variable like any other."
  (let ((identity (lower-make-identity)))
    (setf (variable-slot token) (list :local identity :object))
    identity))

(defun lower-retire (identity)
  "Marks an exit point as gone."
  (code-get identity)
  (lower-cast :cell)
  (lower-nil)
  (op :struct.set :cell 0))

(defun begin-catching ()
  "Opens the code that may throw; the local with the binding depth."
  (let* ((depth (lower-save-depth))
         (landing (code-block (landing-type))))
    (code-open :try_table nil (list (list :catch +unwind-tag+ (code-relative landing))))
    depth))

(defun finish-catching (identity depth out)
  "Closes the code that may throw, and takes what it throws to the exit point in the local IDENTITY."
  (code-br out)
  (code-end)
  (op :unreachable)
  (code-end)
  (let* ((value (lower-store-object))
         (target (lower-store-object)))
    (code-get target)
    (code-get identity)
    (ops (:ref.eq) (:i32.eqz))
    (code-if nil)
    (lower-rethrow target value)
    (code-end)
    (lower-preserving-count (:values) (lower-restore-depth depth))
    (code-get value)
    (code-release value)
    (code-release target)
    (code-release depth)))

(defun lower-rethrow (target value)
  "Throws the value in a local to the exit point whose identity is in a local."
  (code-get target)
  (code-get value)
  (op :throw +unwind-tag+))

(defun lower-save-depth ()
  "The binding depth, in a local."
  (let ((depth (code-local :i32)))
    (code-global-get '(:runtime :binding-depth))
    (code-set depth)
    depth))

(defun lower-restore-depth (depth)
  "Undoes dynamic bindings down to a depth."
  (lower-call-runtime "unbind-to"
    (code-get depth)
    (op :ref.i31))
  (op :drop))

;;; Exits

(defun lower-return-from (block value)
  (if (eq (block-info-owner block) (lowerer-function *lowerer*))
      (lower-local-return block value)
      (progn
        (lower-node value :values)
        (lower-throw-to (block-info-token block) (lower-store-object)))))

(defun lower-local-return (block value)
  "An exit from a block of the same function."
  (let ((crossed '()))
    (dolist (frame (lowerer-frames *lowerer*) (op :unreachable))
      (when (and (block-frame-p frame) (eq (block-frame-block frame) block))
        (let ((inner (exit-want (block-frame-want frame) crossed)))
          (lower-node value inner)
          (lower-leave (list :block block) inner))
        (return))
      (push frame crossed))))

(defun exit-want (want crossed)
  "How an exit delivers its value on its way through the frames CROSSED to a block that delivers as WANT."
  (cond ((eq want :return)
         (if (some (lambda (frame)
                     (or (cleanup-frame-p frame) (bindings-frame-p frame) (token-frame-p frame)))
                   crossed)
             :values
             :return))
        ((or (eq want :effect) (eq want :values)) want)
        ((some #'cleanup-frame-p crossed) :object)
        (t want)))

(defun lower-go (tagbody segment)
  (cond ((eq (tagbody-info-owner tagbody) (lowerer-function *lowerer*))
         (lower-leave (list :tag tagbody segment) :effect))
        (t
         (code-i32 segment)
         (op :ref.i31)
         (lower-throw-to (tagbody-info-token tagbody) (lower-store-object)))))

(defun lower-throw-to (token value)
  "Throws to another function's exit point, if it is still there."
  (if (null token)
      (op :unreachable)
      (let ((identity (progn
                        (lower-read-variable token)
                        (lower-store-object))))
        (code-get identity)
        (lower-cast :cell)
        (op :struct.get :cell 0)
        (lower-nil)
        (op :ref.eq)
        (code-if nil)
        (lower-call-runtime "signal-exit-gone" (lower-nil))
        (op :drop)
        (code-end)
        (lower-rethrow identity value)
        (code-release identity)
        (code-release value))))

(defun lower-leave (exit have)
  "Leaves the frames between here and an exit's target. A value that the target takes is on the stack, delivered as
HAVE."
  (lower-leave-frames (lowerer-frames *lowerer*) exit have))

(defun lower-leave-frames (frames exit have)
  "Leaves FRAMES up to an exit's target."
  (dolist (frame frames (op :unreachable))
    (etypecase frame
      (block-frame
       (when (and (eq (first exit) :block) (eq (second exit) (block-frame-block frame)))
         (return (lower-arrive (block-frame-label frame) have (block-frame-want frame)))))
      (tagbody-frame
       (when (and (eq (first exit) :tag) (eq (second exit) (tagbody-frame-tagbody frame)))
         (return (lower-jump frame (third exit)))))
      (bindings-frame (lower-preserving-count (have) (lower-restore-depth (bindings-frame-depth frame))))
      (token-frame (lower-retire (token-frame-identity frame)))
      (cleanup-frame (return (lower-leave-through-cleanup frame exit have))))))

(defun lower-arrive (label have want)
  "The end of an exit to a block: what is on the stack as HAVE reaches the block as WANT."
  (cond (label
         (unless (eq have want)
           (lower-deliver-values want))
         (code-br label))
        ;; The value is the function's; a tail position returned already.
        ((not (eq have :return)) (lower-deliver-values :return))))

(defun lower-jump (frame segment)
  "Jumps to a segment of the tagbody of FRAME."
  (let ((labels (tagbody-frame-labels frame)))
    (cond ((null labels)
           (code-i32 segment)
           (code-set (tagbody-frame-state frame))
           (code-br (tagbody-frame-top frame)))
          ((svref labels segment) (code-br (svref labels segment)))
          (t (op :unreachable)))))

(defun lower-leave-through-cleanup (frame exit have)
  "Hands the rest of an exit to the code after a cleanup."
  (let ((number (position exit (cleanup-frame-exits frame) :test #'same-exit-p)))
    (unless number
      (setq number (length (cleanup-frame-exits frame)))
      (setf (cleanup-frame-exits frame) (append (cleanup-frame-exits frame) (list exit))))
    (unless (eq have :effect)
      (code-set (cleanup-frame-value frame)))
    (code-i32 (+ +first-exit+ number))
    (code-set (cleanup-frame-pending frame))
    (code-br (cleanup-frame-label frame))))

(defun same-exit-p (a b)
  "Whether two exits lead to the same place."
  (and (eq (first a) (first b))
       (eq (second a) (second b))
       (eql (third a) (third b))))

;;; Protection

(defun lower-unwind-protect (body cleanup want)
  (let* ((value (code-local :eq))
         (target (code-local :eq))
         (pending (code-local :i32))
         (depth (lower-save-depth)))
    (lower-nil)
    (code-tee value)
    (code-set target)
    (code-i32 0)
    (code-set pending)
    (let ((exits (lower-protected body value target pending depth want)))
      (lower-saving-values (value) (lower-node cleanup :effect))
      (lower-go-on exits value target pending))
    (unless (eq want :effect)
      (code-get value)
      (lower-deliver-values want))
    (dolist (local (list value target pending depth))
      (code-release local))))

(defun lower-protected (body value target pending depth want)
  "Writes the protected part of an UNWIND-PROTECT: what it leaves behind is in locals. The exits that wait for the
cleanup."
  (let* ((label (code-block nil))
         (landing (code-block (landing-type)))
         (frame (make-cleanup-frame label value pending)))
    (code-open :try_table nil (list (list :catch +unwind-tag+ (code-relative landing))))
    (with-frame (frame)
      (cond ((eq want :effect) (lower-node body :effect))
            (t
             (lower-node body :values)
             (code-set value)))
      (code-br label)
      (code-end))
    (op :unreachable)
    (code-end)
    (code-set value)
    (code-set target)
    (code-i32 +rethrow+)
    (code-set pending)
    (lower-preserving-count (:values) (lower-restore-depth depth))
    (code-end)
    (cleanup-frame-exits frame)))

(defun lower-go-on (exits value target pending)
  "Goes on after a cleanup with the exception or the one of EXITS that is pending."
  (lower-if-pending pending +rethrow+)
  (lower-rethrow target value)
  (code-end)
  (loop for exit in exits
        for number of-type fixnum from +first-exit+
        do (lower-if-pending pending number)
           (lower-leave exit (lower-resume exit value))
           (code-end)))

(defun lower-if-pending (pending number)
  "Opens an if for what is pending."
  (code-get pending)
  (code-i32 number)
  (op :i32.eq)
  (code-if nil))

(defun lower-resume (exit value)
  "Puts the value of an exit that waited for a cleanup back on the stack; how it is there."
  (let ((want (if (eq (first exit) :block)
                  (block-frame-want-of (second exit))
                  :effect)))
    (case want
      (:effect :effect)
      ((:values :return)
       (code-get value)
       :values)
      (t
       (code-get value)
       :object))))

(defun block-frame-want-of (block)
  "How the exits of BLOCK, which is being left, deliver."
  (dolist (frame (lowerer-frames *lowerer*) :effect)
    (when (and (block-frame-p frame) (eq (block-frame-block frame) block))
      (return (block-frame-want frame)))))

;;; Dynamic bindings

(defun lower-bind-special (bindings body want)
  (let ((values (loop for (nil . init) in bindings collect (lower-object-local init)))
        (depth (lower-save-depth)))
    (loop for (symbol) in bindings
          for value in values
          do (lower-call-runtime "bind-special"
               (code-global-get (list :symbol symbol))
               (code-get value))
             (op :drop)
             (code-release value))
    (lower-bound-body depth body want)))

(defun lower-bound-body (depth body want)
  "The body of dynamic bindings, which are undone to the depth in a local."
  (let ((inner (inner-want want)))
    (with-frame ((make-bindings-frame depth))
      (lower-node body inner))
    (lower-preserving-count (inner) (lower-restore-depth depth))
    (code-release depth)
    (lower-outer-deliver inner want)))

(defun lower-progv (symbols values body want)
  (let* ((symbols (lower-object-local symbols))
         (values (lower-object-local values))
         (depth (lower-save-depth)))
    (lower-call-runtime "bind-specials"
      (code-get symbols)
      (code-get values))
    (op :drop)
    (code-release symbols)
    (code-release values)
    (lower-bound-body depth body want)))

;;; Catch and throw

(defun lower-catch (tag body want)
  (let* ((inner (inner-want want))
         (tag (lower-object-local tag))
         (depth (lower-save-depth))
         (out (code-block (want-type inner)))
         (identity (lower-make-identity)))
    (lower-catching (identity out)
      (lower-call-runtime "bind-catch"
        (code-get tag)
        (code-get identity))
      (op :drop)
      (with-frame ((make-bindings-frame depth))
        (lower-node body inner))
      (lower-preserving-count (inner) (lower-restore-depth depth)))
    (lower-deliver-values inner)
    (code-end)
    (code-release identity)
    (code-release tag)
    (code-release depth)
    (lower-outer-deliver inner want)))

(defun lower-throw (tag values)
  (let ((tag (lower-object-local tag)))
    (lower-node values :values)
    (let ((value (lower-store-object)))
      (lower-preserving-count (:values)
        (lower-call-runtime "find-catch" (code-get tag))
        (code-set tag))
      (lower-rethrow tag value)
      (code-release tag)
      (code-release value))))
