;;; Output to strings: MAKE-STRING-OUTPUT-STREAM, WITH-OUTPUT-TO-STRING, and the writing functions (CLHS 21.2).
(setq *print-pretty* nil)

(defmacro show (form)
  `(format t "~S~%" (handler-case (multiple-value-list ,form)
                      (type-error () :type-error)
                      (error () :error))))

(show (with-output-to-string (s)))
(show (with-output-to-string (s) (write-char #\a s) (write-string "bcd" s) (write-line "e" s) (terpri s)))
(show (with-output-to-string (s) (write-string "abcdef" s :start 2 :end 4)))
(show (with-output-to-string (s) (write-line "abcdef" s :start 4)))
(show (with-output-to-string (s) (write-string "abc" s :start 4)))
(show (with-output-to-string (s) (write-string "abc" s :start 2 :end 1)))
(show (with-output-to-string (s) (write-string 'abc s)))
(show (with-output-to-string (s) (write-string (make-array 5 :element-type 'character :fill-pointer 3
                                                             :initial-contents "abcde")
                                               s)))
(show (write-char #\x (make-string-output-stream)))
(show (write-string "xyz" (make-string-output-stream) :end 1))
(show (terpri (make-string-output-stream)))

;; fresh-line
(show (with-output-to-string (s)
        (format *standard-output* "~S~%" (list (fresh-line s) (progn (write-char #\a s) (fresh-line s)) (fresh-line s)))))
(show (let ((s (make-string-output-stream)))
        (write-string "abc" s)
        (get-output-stream-string s)
        (write-string (if (fresh-line s) "new" "same") s)
        (get-output-stream-string s)))

;; get-output-stream-string empties
(let ((s (make-string-output-stream)))
  (write-string "first" s)
  (show (get-output-stream-string s))
  (show (get-output-stream-string s))
  (write-string "second" s)
  (show (get-output-stream-string s)))
(show (get-output-stream-string (make-string-input-stream "x")))

;; growth
(show (let ((text (with-output-to-string (s) (dotimes (i 100000) (write-char (code-char (+ 97 (mod i 26))) s)))))
        (list (length text) (char text 0) (char text 25) (char text 26) (char text 99999))))
(show (let ((text (with-output-to-string (s) (dotimes (i 1000) (write-string "0123456789" s)))))
        (list (length text) (subseq text 9985))))

;; an existing string with a fill pointer
(show (let ((string (make-array 0 :element-type 'character :adjustable t :fill-pointer 0)))
        (list (with-output-to-string (s string) (write-string "abc" s) (fresh-line s) (write-char #\d s) 17)
              string)))
(show (let ((string (make-array 10 :element-type 'character :fill-pointer 2 :initial-element #\-)))
        (with-output-to-string (s string) (write-string "abc" s))
        string))
(show (handler-case (with-output-to-string (s (make-string 5)) (write-char #\a s))
        (error () :no-fill-pointer)))

;; values, exits, element types
(show (with-output-to-string (s nil :element-type 'base-char) (write-string "base" s)))
(show (with-output-to-string (s) (values 1 2)))
(show (block b (with-output-to-string (s) (write-string "lost" s) (return-from b :left))))
(show (let ((s (make-string-output-stream :element-type 'character))) (prin1 '(a "b" #\c 1.5) s)
        (get-output-stream-string s)))

;; write-sequence
(show (with-output-to-string (s) (write-sequence "abcdef" s :start 1 :end 3)))
(show (with-output-to-string (s) (write-sequence (list #\a #\b #\c) s :start 1)))
(show (with-output-to-string (s) (write-sequence (vector #\a #\b #\c) s :end 2)))
(show (let ((s (make-string-output-stream))) (write-sequence "xy" s)))
(show (with-output-to-string (s) (write-string "λ→𝄞é" s)))
(show (length (with-output-to-string (s) (write-string "λ→𝄞é" s))))
(show (list (finish-output (make-string-output-stream)) (force-output (make-string-output-stream))
            (clear-output (make-string-output-stream))))
