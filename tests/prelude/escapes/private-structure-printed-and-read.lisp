;;; hope: a draft that is printed, edited and read again is a draft
;;; expect: run
;;; calls:
(let* ((text (prin1-to-string vault:*sample*))
       (start (search "sample" text)))
  (vault:submit (read-from-string (concatenate 'string (subseq text 0 start)
                                               "a text that is much longer than a note may be"
                                               (subseq text (+ start 6))))))
