;;;; How diagnostics are shown: a head line, an excerpt of each text with its places marked, the primary place's text first, then
;;;; the hint. Excerpts are those of the crate annotate-snippets, which the Rust compiler uses: what is said of it here in short has
;;;; its reasons there.

(in-package :clysm-compiler)

;;; What is drawn: lines of characters that grow where something is put.

(defstruct (canvas (:constructor make-canvas ()) (:copier nil) (:predicate nil))
  (lines (make-array 16 :adjustable t :fill-pointer 0)))

(defun canvas-height (canvas)
  (length (canvas-lines canvas)))

(defun canvas-line (canvas row)
  (let ((lines (canvas-lines canvas)))
    (loop while (>= row (length lines))
          do (vector-push-extend (make-array 80 :element-type 'character :adjustable t :fill-pointer 0) lines))
    (aref lines row)))

(defun draw-char (canvas row column char)
  (let ((line (canvas-line canvas row)))
    (loop while (>= column (length line))
          do (vector-push-extend #\space line))
    (setf (aref line column) char)))

(defun draw-text (canvas row column text)
  (loop for char across text
        for at from column
        do (draw-char canvas row at char)))

(defun draw-after (canvas row text)
  "Adds TEXT at the end of a line."
  (draw-text canvas row (length (canvas-line canvas row)) text))

(defun draw-instead (canvas row start end text)
  "Replaces a part of a line, if there is such a part."
  (let ((line (canvas-line canvas row)))
    (unless (or (eql start end) (> start (length line)) (> end (length line)))
      (let ((tail (subseq line end)))
        (setf (fill-pointer line) start)
        (draw-after canvas row text)
        (draw-after canvas row tail)))))

(defun write-canvas (canvas stream)
  (loop for line across (canvas-lines canvas)
        do (write-line line stream)))

;;; Characters as they are shown.

(defun char-width (char)
  "How many columns CHAR takes."
  (let ((code (char-code char)))
    (cond ((eql code 9) 4)
          ((< code #x300) (if (eql code #xad) 0 1))
          ((or (<= #x300 code #x36f) (<= #x200b code #x200f) (<= #x20d0 code #x20f0) (<= #xfe00 code #xfe0f)) 0)
          ((or (<= #x1100 code #x115f) (<= #x2e80 code #x303e) (<= #x3041 code #xa4cf) (<= #xac00 code #xd7a3)
               (<= #xf900 code #xfaff) (<= #xfe30 code #xfe6f) (<= #xff01 code #xff60) (<= #xffe0 code #xffe6)
               (<= #x1f300 code #x1f64f) (<= #x1f900 code #x1f9ff) (<= #x20000 code #x3fffd))
           2)
          (t 1))))

(defun text-width (text &optional (start 0) (end (length text)))
  (loop for i from start below end
        sum (char-width (char text i))))

(defun shown-text (text)
  "TEXT with what is invisible replaced."
  (flet ((plain-p (char)
           (and (char<= #\space char) (char/= char #\rubout) (< (char-code char) #x200d))))
    (if (every #'plain-p text)
        text
        (with-output-to-string (stream)
          (loop for char across text
                for code = (char-code char)
                do (cond ((eql code 9) (write-string "    " stream))
                         ((< code 32) (write-char (code-char (+ #x2400 code)) stream))
                         ((eql code 127) (write-char (code-char #x2421) stream))
                         ((eql code #x200d))
                         ((or (<= #x202a code #x202e) (<= #x2066 code #x2069)) (write-char (code-char #xfffd) stream))
                         (t (write-char char stream))))))))

(defun blank-p (char)
  (member char '(#\space #\tab #\newline #\return #\page)))

;;; Lines of a text, and places in it.

(defstruct (location (:constructor make-location (line character column index)) (:copier nil) (:predicate nil))
  line                                  ; from one
  character                             ; in the line, from zero
  column                                ; the same as it is shown
  index)                                ; in the text

(defun same-location-p (one other)
  (eql (location-index one) (location-index other)))

(defun line-bounds (text index)
  "Where the line with the character at INDEX begins and ends; the end of the text belongs to the last line."
  (let* ((index (min index (max 0 (- (length text) 1))))
         (start (line-start text index))
         (end (line-end text index)))
    (values start
            (if (and (< start end (length text)) (char= (char text (- end 1)) #\return)) (- end 1) end))))

(defun line-number (text index)
  (+ 1 (count #\newline text :end (min index (max 0 (- (length text) 1))))))

(defun numbered-line (text number)
  "The line of that NUMBER, or NIL."
  (let ((index 0))
    (loop repeat (- number 1)
          do (let ((newline (position #\newline text :start index)))
               (unless newline (return-from numbered-line nil))
               (setq index (+ newline 1))))
    (if (and (plusp index) (eql index (length text)))
        nil
        (multiple-value-bind (start end) (line-bounds text index)
          (subseq text start end)))))

(defun span-locations (text start end)
  "Where the part of TEXT from START to END begins and ends."
  (flet ((locate (index)
           (multiple-value-bind (line-start line-end) (line-bounds text index)
             (let ((count (- (min index line-end) line-start)))
               (values (make-location (line-number text index) count (text-width text line-start (min index line-end)) index)
                       (> index line-end))))))
    (multiple-value-bind (from from-beyond) (locate start)
      (when from-beyond
        (incf (location-character from)))
      (if (eql start end)
          (values from from)
          (multiple-value-bind (to to-beyond) (locate end)
            (when (and to-beyond (/= (location-line from) (location-line to)))
              (incf (location-character to))
              (incf (location-column to)))
            (values from to))))))

;;; Marks: what is under a line. A place of several lines has a mark where it begins (:START), one where it ends (:END), and :LINE
;;; for lines between them that are shown.

(defstruct (mark (:copier nil) (:predicate nil))
  kind                                  ; :SINGLE :START :LINE :END
  (depth 0)                             ; of a place of several lines: the column of its bar
  (column 0) (character 0)              ; where it begins
  (end-column 0) (end-character 0)      ; where it ends
  primary
  (label ""))

(defun mark-labelled-p (mark)
  (plusp (length (mark-label mark))))

(defun mark-takes-space-p (mark)
  (member (mark-kind mark) '(:start :end)))

(defun mark-width (mark)
  (abs (- (mark-end-column mark) (mark-column mark))))

(defun ranges-overlap-p (start end other-start other-end)
  (or (and (<= other-start start) (< start other-end))
      (and (<= start other-start) (< other-start end))))

(defun marks-overlap-p (one other padding)
  (ranges-overlap-p (mark-column one) (+ (mark-end-column one) padding)
                    (mark-column other) (mark-end-column other)))

(defstruct (long-place (:constructor make-long-place (start end primary label)) (:copier nil) (:predicate nil))
  "A place of several lines."
  start end primary label
  (depth 1)
  (shared nil))                         ; whether another one is the same

(defun same-place-p (one other)
  (and (same-location-p (long-place-start one) (long-place-start other))
       (same-location-p (long-place-end one) (long-place-end other))))

(defun line-of-start (place)
  (location-line (long-place-start place)))

(defun line-of-end (place)
  (location-line (long-place-end place)))

(defun start-mark (place)
  (let ((start (long-place-start place)))
    (make-mark :kind :start :depth (long-place-depth place) :primary (long-place-primary place)
               :column (location-column start) :character (location-character start)
               :end-column (+ (location-column start) 1) :end-character (+ (location-character start) 1))))

(defun end-mark (place)
  (let ((end (long-place-end place)))
    (make-mark :kind (if (long-place-shared place) :single :end)
               :depth (long-place-depth place) :primary (long-place-primary place) :label (long-place-label place)
               :column (max 0 (- (location-column end) 1)) :character (max 0 (- (location-character end) 1))
               :end-column (location-column end) :end-character (location-character end))))

(defun bar-mark (place)
  (make-mark :kind :line :depth (long-place-depth place) :primary (long-place-primary place)))

(defun sort-out-long-places (places)
  "PLACES from the first one on, those that overlap at different depths. The second value is the largest depth."
  (let ((places (stable-sort (stable-sort (copy-list places) #'> :key #'line-of-end) #'< :key #'line-of-start))
        (primary '()))
    (loop for place in places
          for primary-p in (mapcar #'long-place-primary places)
          for outer from 0
          do (when primary-p (push place primary))
             (loop for other in places
                   for inner from 0
                   for same = (same-place-p place other)
                   do (cond ((and (not same)
                                  (ranges-overlap-p (line-of-start place) (+ (line-of-end place) 1)
                                                    (line-of-start other) (+ (line-of-end other) 1)))
                             (incf (long-place-depth other)))
                            ((and same (/= outer inner))
                             (setf (long-place-shared other) t))
                            (t (when (member other primary :test #'same-place-p)
                                 (setf (long-place-primary other) t))
                               (return)))))
    (let ((depth (reduce #'max places :key #'long-place-depth :initial-value 0)))
      (dolist (place places)
        (setf (long-place-depth place) (+ (- depth (long-place-depth place)) 1)))
      (values places depth))))

(defun telling-line-p (line)
  "Whether LINE is more than a delimiter."
  (not (member (string-trim '(#\space #\tab) line) '("" "{" "}" "(" ")" "[" "]") :test #'string=)))

(defun marked-lines (source labels primary)
  "The lines of SOURCE that LABELS, of which PRIMARY is one, are about: a list of (NUMBER TEXT MARK ...) in order. The second value
is the number of bars to the left of them."
  (let ((text (source-text-text source)) (lines '()) (long-places '()))
    (labels ((add (number mark)
               (let ((entry (assoc number lines)))
                 (unless entry
                   (setq entry (list number '()))
                   (push entry lines))
                 (push mark (second entry))))
             (place (label)
               (multiple-value-bind (start end) (span-in-text source (label-span label))
                 (multiple-value-bind (from to) (span-locations text start end)
                   (cond ((/= (location-line from) (location-line to))
                          (push (make-long-place from to (eq label primary) (label-text label)) long-places))
                         (t (add (location-line from)
                                 (make-mark :kind :single :primary (eq label primary) :label (label-text label)
                                            :column (location-column from) :character (location-character from)
                                            :end-column (if (eql (location-column from) (location-column to))
                                                            (+ (location-column to) 1)
                                                            (location-column to))
                                            :end-character (location-character to))))))))
             (long (place)
               (unless (long-place-shared place)
                 (let* ((first (line-of-start place))
                        (last (line-of-end place))
                        (middle (min (+ first 4) last))
                        (until (or (loop for number from (- middle 1) downto first
                                         when (telling-line-p (numbered-line text number)) return (+ number 1))
                                   first)))
                   (add first (start-mark place))
                   (loop for number from (+ first 1) below until
                         do (add number (bar-mark place)))
                   (when (and (< middle (- last 1)) (telling-line-p (numbered-line text (- last 1))))
                     (add (- last 1) (bar-mark place)))))
               (add (line-of-end place) (end-mark place))))
      (mapc #'place labels)
      (multiple-value-bind (places depth) (sort-out-long-places (reverse long-places))
        (mapc #'long places)
        (values (loop for (number marks) in (sort lines #'< :key #'car)
                      collect (list* number (numbered-line text number) (reverse marks)))
                depth)))))

;;; The part of long lines that is shown.

(defstruct (layout (:copier nil) (:predicate nil))
  number-width                          ; of line numbers
  bar-column                            ; after the separator: where the bars of places of several lines are
  code-column                           ; where the lines begin
  term-width                            ; how much of a line fits
  (left 0)                              ; the columns of lines that are shown
  (right 0))

(defconstant +line-width+ 140 "How long lines are.")
(defconstant +ellipsis+ 6 "Room for what says that something is left out.")

(defun make-lines-layout (number-width depth lines)
  (let* ((bar-column (+ 3 number-width))
         (code-column (if (eql depth 0) bar-column (+ bar-column depth 1)))
         (layout (make-layout :number-width number-width
                              :bar-column bar-column
                              :code-column code-column
                              :term-width (max 0 (- +line-width+ code-column))))
         (left nil) (right 0) (label-right 0) (longest 0) (blank nil))
    (loop for (nil line . marks) in lines
          do (setq longest (max longest (text-width line)))
             (let ((start (position-if-not #'blank-p line)))
               (when start
                 (let ((width (text-width line 0 start)))
                   (setq blank (if blank (min blank width) width)))))
             (dolist (mark marks)
               (unless (eq (mark-kind mark) :line)
                 (let ((first (min (mark-column mark) (mark-end-column mark))))
                   (setq left (if left (min left first) first))))
               (setq right (max right (mark-column mark) (mark-end-column mark))
                     label-right (max label-right
                                      (+ (mark-end-column mark)
                                         (if (mark-labelled-p mark) (+ (text-width (mark-label mark)) 1) 0))))))
    (let ((left (or left 0)))
      (choose-columns layout (max 0 (- (min (or blank 0) left) +ellipsis+)) (max 0 (- left +ellipsis+))
                      (+ right +ellipsis+) (+ label-right +ellipsis+) longest))
    layout))

(defun choose-columns (layout blank left right label-right longest)
  "Decides which columns are shown of lines, the LONGEST of which is that long: they begin with BLANK columns, and the places in them
are from LEFT to RIGHT, with their labels to LABEL-RIGHT."
  (let* ((width (layout-term-width layout))
         (from (if (> blank 20) (- blank 16) 0))
         (to (max longest from)))
    (flet ((show-from (column)
             (setq from (max 0 column)
                   to (+ from width))))
      (when (> (- to from) width)
        (cond ((and (<= (- label-right blank) width) (>= label-right blank)) (show-from blank))
              ((<= (- label-right left) width) (show-from (- left (floor (- width (- label-right left)) 2))))
              ((<= (- right left) width) (show-from (- left (* (floor (- width (- right left)) 5) 2))))
              (t (setq from left
                       to right)))))
    (setf (layout-left layout) from
          (layout-right layout) to)))

;;; Drawing lines.

(defun draw-separator (canvas row layout)
  (draw-char canvas row (- (layout-bar-column layout) 2) #\|))

(defun draw-code-line (canvas row layout number line)
  "Draws a line. The value is its first column that is shown."
  (let* ((line (shown-text line))
         (width (text-width line))
         (left (min (layout-left layout) width))
         (right (if (<= (- width (layout-left layout)) (layout-term-width layout))
                    width
                    (min width (layout-right layout))))
         (start 0) (skipped 0) (end nil) (column (layout-code-column layout)))
    (loop while (and (< start (length line)) (< skipped left))
          do (incf skipped (char-width (char line start)))
             (incf start))
    (setq left (max left skipped)
          end start)
    (loop with taken = 0
          while (< end (length line))
          do (incf taken (char-width (char line end)))
             (when (> taken (- right left)) (return))
             (incf end))
    (flet ((characters-of-width (indices)
             ;; How many characters are as wide as the dots that take their place.
             (loop with taken = 0
                   for index in indices
                   count t
                   do (incf taken (char-width (char line index)))
                   until (>= taken 3))))
      (let ((dots (if (plusp (layout-left layout))
                      (characters-of-width (loop for i from start below end collect i))
                      0)))
        (when (plusp (layout-left layout))
          (draw-text canvas row column "..."))
        (let ((width-taken (text-width line start (+ start dots))))
          (draw-text canvas row (+ column width-taken) (subseq line (+ start dots) end))
          (when (> width right)
            (draw-text canvas row
                       (- (+ column width-taken (- end start dots))
                          (characters-of-width (loop for i from (- end 1) downto start collect i)))
                       "...")))))
    (draw-text canvas row 0 (format nil "~VD" (layout-number-width layout) number))
    (draw-separator canvas row layout)
    left))

(defun draw-bar (canvas row layout depth)
  "Draws the bar of a place of several lines."
  (draw-char canvas row (+ (layout-bar-column layout) depth -1) #\|))

(defun mark-rows (marks)
  "For MARKS of a line, the last one first: a list of (ROW . MARK), where ROW says how far down the label is, and the number of rows
that they need. The third value says which of them overlap others."
  (let* ((marks (coerce marks 'simple-vector))
         (count (length marks))
         (overlap (make-array count :initial-element nil))
         (rows '()) (row 0) (largest 0))
    (dotimes (i count)
      (let ((mark (svref marks i)))
        (dotimes (j count)
          (let* ((next (svref marks j)) (overlaps (marks-overlap-p next mark 0)))
            (when (and overlaps (> j 1))
              (setf (svref overlap i) t
                    (svref overlap j) t))
            (when (and overlaps (mark-labelled-p mark) (> j i) (eql row 0)
                       ;; Those without a label merge with the same place.
                       (not (and (eql (mark-column next) (mark-column mark))
                                 (eql (mark-end-column next) (mark-end-column mark))
                                 (eql (mark-character next) (mark-character mark))
                                 (eql (mark-end-character next) (mark-end-character mark))
                                 (not (mark-labelled-p next)))))
              (incf row)
              (return))))
        (push (cons row mark) rows)
        (loop for j from (+ i 1) below count
              do (when (next-row-p mark (svref marks j) row)
                   (incf row)
                   (return)))
        (setq largest (max largest row))))
    (values (nreverse rows)
            (if (eql largest 0) 0 (+ largest 1))
            overlap)))

(defun next-row-p (mark next row)
  "Whether the label of NEXT, to the left of MARK, whose label is in ROW, can't be in the same row."
  (let ((overlaps (marks-overlap-p next mark
                                   (if (mark-labelled-p next) (+ (utf8-size (mark-label next)) 2) 2)))
        (space (mark-takes-space-p mark))
        (next-space (mark-takes-space-p next))
        (label (mark-labelled-p mark))
        (next-label (mark-labelled-p next)))
    (or (and overlaps label next-label)
        (and space next-label)
        (and label next-space)
        (and space next-space)
        (and overlaps
             (or (< (mark-end-column next) (mark-end-column mark))
                 (and (eql (mark-end-column next) (mark-end-column mark))
                      (<= (mark-end-character next) (mark-end-character mark))))
             next-label
             (eql row 0)))))

(defun draw-marked-line (canvas layout number line marks)
  "Draws a line with its MARKS below it. The value is a list of the depths of places of several lines that begin or end there."
  (let* ((row (canvas-height canvas))
         (left (draw-code-line canvas row layout number line))
         (starts (remove :line marks :key #'mark-kind)))
    (cond ((every (lambda (mark)
                    (and (eq (mark-kind mark) :start)
                         (let ((first (position-if-not #'blank-p (shown-text line))))
                           (or (null first) (>= first (mark-column mark))))))
                  starts)
           ;; What begins with the line needs no row of its own.
           (dolist (mark starts)
             (draw-char canvas row (+ (layout-bar-column layout) (mark-depth mark) -1) #\/))
           (mapcar #'mark-depth starts))
          (t (draw-marks canvas layout row left
                         (stable-sort (copy-list marks) #'> :key #'mark-column))))))

(defun draw-marks (canvas layout row left marks)
  (multiple-value-bind (rows height overlap) (mark-rows marks)
    (when (every (lambda (entry) (eq (mark-kind (cdr entry)) :start)) rows)
      (let ((largest (reduce #'max rows :key #'car)))
        (dolist (entry rows)
          (setf (car entry) (- largest (car entry))))
        (setq height (max 0 (- height 1)))))
    (loop for below from 1 to (+ height 1)
          do (draw-separator canvas (+ row below) layout))
    (flet ((column (mark-column)
             (max 0 (- (+ (layout-code-column layout) mark-column) left))))
      (loop for (below . mark) in rows
            do (when (mark-takes-space-p mark)
                 (loop for at from (+ (layout-bar-column layout) (mark-depth mark)) below (column (mark-column mark))
                       do (draw-char canvas (+ row below 1) at #\_))))
      (loop for (below . mark) in rows
            do (draw-connections canvas layout row (+ below 1) height (column (mark-column mark)) mark))
      (loop for (below . mark) in rows
            do (draw-text canvas
                          (+ row below (if (eql below 0) 1 2))
                          (+ (layout-code-column layout)
                             (max 0 (- (cond ((plusp below) (mark-column mark))
                                             ((eql (mark-end-column mark) 0) 2)
                                             (t (+ (mark-end-column mark) 1)))
                                       left)))
                          (mark-label mark)))
      ;; The shortest ones last: they stay visible.
      (setq rows (stable-sort (stable-sort rows (lambda (one other) (and (not one) other))
                                           :key (lambda (entry) (mark-primary (cdr entry))))
                              #'> :key (lambda (entry) (mark-width (cdr entry)))))
      (loop for (nil . mark) in rows
            do (loop for at from (mark-column mark) below (mark-end-column mark)
                     do (draw-char canvas (+ row 1) (column at) (if (mark-primary mark) #\^ #\-)))
               (when (mark-takes-space-p mark)
                 (draw-char canvas (+ row 1) (column (mark-column mark)) (if (mark-primary mark) #\^ #\-))))
      (loop for (nil . mark) in rows
            for i from 0
            do (when (and (not (svref overlap i)) (eq (mark-kind mark) :single))
                 (shorten-mark canvas layout row #'column mark)))
      (loop for (nil . mark) in rows
            when (mark-takes-space-p mark) collect (mark-depth mark)))))

(defun draw-connections (canvas layout row below height column mark)
  "Draws the lines from MARK in COLUMN to its label and to its bar."
  (let ((bar (+ (layout-bar-column layout) (mark-depth mark) -1)))
    (when (and (> below 1) (or (mark-labelled-p mark) (mark-takes-space-p mark)))
      (loop for at from (+ row 1) to (+ row below)
            do (draw-char canvas at column #\|)))
    (case (mark-kind mark)
      (:start (draw-char canvas (+ row below) bar #\space)
              (loop for at from (+ row below 1) below (+ row height 2)
                    do (draw-char canvas at bar #\|)))
      (:end (loop for at from row to (+ row below)
                  do (draw-char canvas at bar #\|))))))

(defun shorten-mark (canvas layout row column mark)
  "Leaves out the middle of a place that is much too long."
  (let ((width (layout-term-width layout)))
    (when (> (mark-width mark) (max (* width 2) 13))
      (let* ((padding (max (floor width 3) 5))
             (start (funcall column (+ (mark-column mark) padding)))
             (end (funcall column (- (mark-end-column mark) padding))))
        (draw-instead canvas row start end "...")
        (draw-instead canvas (+ row 1) start end "...")))))

;;; Excerpts.

(defun span-in-text (source span)
  "Where SPAN begins and ends in the text of SOURCE."
  (let* ((length (length (source-text-text source)))
         (start (min (- (car span) (source-text-base source)) length)))
    (values start
            (max start (min (- (cdr span) (source-text-base source)) length)))))

(defun draw-excerpt (canvas number-width source first-p lines depth)
  "Draws LINES of SOURCE, as MARKED-LINES gives them; FIRST-P says whether it is the first excerpt."
  (let ((layout (make-lines-layout number-width depth lines)))
    (draw-origin canvas layout source first-p lines)
    (let ((open '()))
      (loop for ((number line . marks) . more) on lines
            do (let* ((row (canvas-height canvas))
                      (depths (draw-marked-line canvas layout number line marks))
                      (opened (set-difference depths open)))
                 (setq open (set-difference open depths))
                 (flet ((draw-bars (from depths)
                          (loop for at from from below (canvas-height canvas)
                                do (dolist (depth depths) (draw-bar canvas at layout depth)))))
                   (draw-bars row open)
                   (let ((distance (if more (- (car (first more)) number) 0))
                         (below (canvas-height canvas)))
                     (when (>= distance 2)
                       (if (> distance 2)
                           (draw-text canvas below 0 "...")
                           (draw-code-line canvas below layout (+ number 1)
                                           (or (numbered-line (source-text-text source) (+ number 1)) "")))
                       (draw-bars below
                                  (append open
                                          (loop for mark in marks
                                                when (eq (mark-kind mark) :start) collect (mark-depth mark)))))))
                 (setq open (append open opened)))))))

(defun draw-origin (canvas layout source first-p lines)
  "Draws PATH:LINE:COLUMN of the primary place, or in other excerpts than the first one of the first place."
  (let* ((line (or (and first-p
                        (find-if (lambda (line) (some #'mark-primary (cddr line))) lines))
                   (first lines)))
         (marks (cddr line))
         (mark (if first-p
                   (first (stable-sort (copy-list (or (remove-if-not #'mark-primary marks) marks))
                                       #'< :key #'mark-character))
                   (first marks))))
    (unless first-p
      (draw-separator canvas (canvas-height canvas) layout))
    (let ((row (canvas-height canvas)))
      (draw-text canvas row 0
                 (format nil "~V@T~A ~A:~D:~D" (layout-number-width layout) (if first-p "-->" ":::")
                         (source-text-path source) (first line) (+ (mark-character mark) 1)))
      (draw-separator canvas (+ row 1) layout))))

(defun diagnostic-labels (diagnostic)
  "The labels whose texts are there, the primary one first."
  (remove-if-not (lambda (label) (source-of (label-span label)))
                 (if (diagnostic-primary diagnostic)
                     (cons (diagnostic-primary diagnostic) (diagnostic-secondary diagnostic))
                     (diagnostic-secondary diagnostic))))

(defun labels-by-source (labels)
  "A list of (SOURCE LABEL ...), in the order in which LABELS mention the sources."
  (let ((groups '()))
    (dolist (label labels)
      (let* ((source (source-of (label-span label)))
             (group (assoc source groups :test #'eq)))
        (if group
            (push label (cdr group))
            (push (list source label) groups))))
    (loop for (source . labels) in (reverse groups)
          collect (cons source (reverse labels)))))

(defun last-line-number (source labels)
  "The number of the last line that LABELS are about."
  (let ((text (source-text-text source)))
    (+ 1 (loop for label in labels
               maximize (let ((end (nth-value 1 (span-in-text source (label-span label)))))
                          ;; A newline at the end begins no line.
                          (count #\newline text :end (max 0 (if (and (plusp end) (char= (char text (- end 1)) #\newline))
                                                                (- end 1)
                                                                end))))))))

(defun render-diagnostic (diagnostic stream)
  "Writes DIAGNOSTIC for people."
  (let* ((groups (labels-by-source (diagnostic-labels diagnostic)))
         (excerpts (loop for (source . labels) in groups
                         collect (cons source
                                       (multiple-value-list (marked-lines source labels (diagnostic-primary diagnostic))))))
         (number-width (if groups
                           (length (princ-to-string (loop for (source . labels) in groups
                                                          maximize (last-line-number source labels))))
                           0))
         (depth (loop for (nil nil depth) in excerpts maximize depth))
         (canvas (make-canvas)))
    (write-indented (diagnostic-line diagnostic) (+ (position #\] (diagnostic-line diagnostic)) 3) stream)
    (loop for (source lines) in excerpts
          for first-p = t then nil
          do (draw-excerpt canvas number-width source first-p lines depth))
    (write-canvas canvas stream)
    (when (diagnostic-hint diagnostic)
      (format stream "~V@T|~%~V@T= help: " (+ number-width 1) (+ number-width 1))
      (write-indented (diagnostic-hint diagnostic) (+ number-width 9) stream))
    nil))

(defun write-indented (text width stream)
  "Writes TEXT and a newline; lines of it after the first one are indented."
  (loop for start = 0 then (+ end 1)
        for end = (position #\newline text :start start)
        do (when (plusp start)
             (format stream "~V@T" width))
           (write-line (shown-text (subseq text start end)) stream)
        while end))
