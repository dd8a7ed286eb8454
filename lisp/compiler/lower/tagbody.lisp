;;;; TAGBODY: structured loops and blocks where the jumps nest, a dispatch loop where they do not. Mirrors
;;;; lower/tagbody.rs.

(in-package :clysm-compiler)

(defstruct (region (:constructor make-region (start end target loop)) (:copier nil) (:predicate nil))
  "A Wasm construct over a range of segments."
  (start 0 :type fixnum)    ; the segment before which it opens
  (end 0 :type fixnum)      ; the segment after which it closes
  (target 0 :type fixnum)   ; the segment that its label leads to
  loop)                     ; whether it is a loop, entered at its target; else a block, left towards it

(defun lower-tagbody (tagbody segments want)
  (lower-forget-assigned segments)
  (if (tagbody-info-token tagbody)
      (let ((identity (lower-make-token (tagbody-info-token tagbody))))
        (lower-dispatch-with-token tagbody segments identity)
        (lower-retire identity))
      (multiple-value-bind (regions nested) (tagbody-regions tagbody segments)
        (if nested
            (lower-structured tagbody segments regions)
            (lower-dispatch tagbody segments))))
  (unless (eq want :effect)
    (lower-nil)
    (lower-deliver :object want)))

;;; Jumps that nest

(defun lower-structured (tagbody segments regions)
  "Writes SEGMENTS within the constructs REGIONS."
  (let* ((labels (make-array (length segments) :initial-element nil))
         (frame (make-tagbody-frame tagbody labels nil nil))
         (open '()))
    (loop for segment in segments
          for index of-type fixnum from 0
          do (loop while (and regions (= (region-start (first regions)) index))
                   do (let ((region (pop regions)))
                        (setf (svref labels (region-target region)) (lower-open-region region segments))
                        (push region open)))
             (lower-segment segment frame)
             (loop while (and open (= (region-end (first open)) index))
                   do (pop open)
                      (code-end)))))

(defun lower-open-region (region segments)
  "Opens the construct of REGION; its label."
  (cond ((region-loop region)
         ;; What earlier segments found out need not hold when control comes back.
         (lower-forget-assigned segments)
         (code-loop))
        (t (code-block nil))))

(defun lower-segment (segment frame)
  "Writes a segment of the tagbody of FRAME."
  (with-frame (frame)
    (dolist (node segment)
      (lower-node node :effect))))

;;; Jumps that do not nest

(defun lower-dispatch (tagbody segments)
  (let* ((state (lower-first-state))
         (top (code-loop)))
    (lower-dispatch-segments tagbody segments state top)
    (code-end)
    (code-release state)))

(defun lower-first-state ()
  "The number of the first segment, in a local."
  (let ((state (code-local :i32)))
    (code-i32 0)
    (code-set state)
    state))

(defun lower-dispatch-segments (tagbody segments state top)
  "Writes SEGMENTS, the first of which to run is the one with the number in the local STATE."
  (dolist (segment segments)
    (declare (ignore segment))
    (code-block nil))
  (code-get state)
  (let ((last (- (length segments) 1)))
    (op :br_table (loop for index of-type fixnum from 0 below last collect index) last))
  (let ((frame (make-tagbody-frame tagbody nil state top)))
    (dolist (segment segments)
      (code-end)
      (lower-segment segment frame))))

(defun lower-dispatch-with-token (tagbody segments identity)
  "A tagbody that other functions jump into: the thrown value is the segment number."
  (let* ((state (lower-first-state))
         (top (code-loop))
         (out (code-block nil)))
    ;; A jump within this function stays inside the extent of the identity, which must not be retired by it: the frame
    ;; of the tagbody lies above the token's.
    (lower-catching (identity out) (lower-dispatch-segments tagbody segments state top))
    (lower-convert :object :i32)
    (code-set state)
    (code-br top)
    (code-end)
    (code-end)
    (code-release state)))

;;; Regions

(defun tagbody-regions (tagbody segments)
  "The constructs that realise all jumps of TAGBODY, outermost first at each start. Second value: NIL when they do not
nest."
  (let* ((count (length segments))
         (first-forward (make-array count :initial-element nil))
         (last-backward (make-array count :initial-element nil)))
    (loop for segment in segments
          for from of-type fixnum from 0
          do (dolist (node segment)
               (note-jumps tagbody node from first-forward last-backward)))
    ;; A label serves one construct; a segment that is reached both ways would need two.
    (if (some (lambda (forward backward) (and forward backward)) first-forward last-backward)
        (values '() nil)
        (nest-regions (jump-regions first-forward last-backward)))))

(defun note-jumps (tagbody node from first-forward last-backward)
  "Notes the jumps within TAGBODY that NODE, in the segment FROM, makes: by target the first segment that jumps forward
to it and the last that jumps backward to it."
  (when (and (go-node-p node) (eq (go-node-tagbody node) tagbody))
    (let ((target (go-node-segment node)))
      (if (< from target)
          (unless (svref first-forward target)
            (setf (svref first-forward target) from))
          (setf (svref last-backward target) from))))
  (map-children (lambda (child) (note-jumps tagbody child from first-forward last-backward)) node))

(defun jump-regions (first-forward last-backward)
  "A region for each segment that is jumped to."
  (loop for target of-type fixnum from 0 below (length first-forward)
        for forward = (svref first-forward target)
        for backward = (svref last-backward target)
        when backward collect (make-region target backward target t)
        when forward collect (make-region forward (- target 1) target nil)))

(defun nest-regions (regions)
  "Widens regions so that they nest, and orders them. Second value: NIL when that is impossible."
  (loop
    (case (widen-regions regions)
      (:impossible (return (values '() nil)))
      ((nil) (return (values (stable-sort regions #'region-before-p) t))))))

(defun widen-regions (regions)
  "Widens each of REGIONS that crosses another. Whether there was one; :IMPOSSIBLE when one can't be widened."
  (let ((changed nil))
    (dolist (outer regions changed)
      (dolist (inner regions)
        (when (and (< (region-start inner) (region-start outer))
                   (<= (region-start outer) (region-end inner))
                   (< (region-end inner) (region-end outer)))
          ;; A block may open earlier than its first jump, a loop may close later than its last.
          (cond ((not (region-loop outer)) (setf (region-start outer) (region-start inner)))
                ((region-loop inner) (setf (region-end inner) (region-end outer)))
                (t (return-from widen-regions :impossible)))
          (setq changed t))))))

(defun region-before-p (a b)
  "Whether the region A opens before B: at the same start the one that ends later comes first; at the same extent a
block encloses a loop."
  (cond ((/= (region-start a) (region-start b)) (< (region-start a) (region-start b)))
        ((/= (region-end a) (region-end b)) (> (region-end a) (region-end b)))
        (t (and (not (region-loop a)) (region-loop b)))))
