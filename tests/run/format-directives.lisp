;;; FORMAT (CLHS 22.3): every directive but those of pretty printing.
(setq *print-pretty* nil)
(defun show-parameters (stream argument colon at &rest parameters)
  (format stream "<~S ~S ~S ~S>" argument colon at parameters))
(defun c (control &rest arguments)
  (prin1 (handler-case (apply #'format nil control arguments) (error () :error)))
  (terpri))
(c "hello") (c "a~%b~&c~~") (c "~a ~s" "x" "y") (c "~10a|~10@a|~5,3,2,'*a|" "abc" "abc" "x") (c "~:a ~:s ~a" nil nil nil) (c "~d ~5d ~5,'0d ~:d ~@d ~,,'.,2:d" 1 23 42 1234567 5 123456) (c "~d" 1.5) 
(c "~b ~o ~x ~8,'0b ~:x ~x" 5 8 255 5 #xfffffff -255) (c "~3r ~36r ~2,8,'0r ~,,,,r" 10 35 5 7)
(dolist (n '(0 1 5 10 11 12 13 15 19 20 21 30 40 99 100 101 110 111 123 200 999 1000 1001 1010 1100 12345 100000 1000000 1000001 123456789 1000000000 -7 -21 1000000000000 1234567890123456789012345 8 9 2 3 80 90 22 28))
  (c "~r" n) (c "~:r" n) (when (< 0 n 4000) (c "~@r" n) (c "~:@r" n)))
 (c "~@r" 4000) (c "~r" 1.5) (c "~d item~:p, ~d item~:p ~d pupp~:@p ~d pupp~:@p" 1 2 1 2) (c "~p ~@p" 1 1)
(c "~c~:c~@c ~:c ~@c ~:@c" #\a #\a #\a #\space #\newline #\b) (c "~c" 1)

(c "abc~10tdef~20,5tg" ) (c "abc~3tdef") (c "abc~3,4tdef") (c "abc~2@tdef") (c "ab~3,4@td") (c "~5tx~,0ty") (c "abc~1,0tdef") (c "~t|") (c "a~0,8tb")
(c "~*~a ~:*~a ~@*~a ~2*~a" 1 2 3 4) (c "~a ~3@*~a" 1 2 3 4) (c "~? ~a" "~a-~a" '(1 2) 3) (c "~@? ~a" "~a-~a" 1 2 3) (c "~:*~a" 1) (c "~a") (c "~5*~a" 1)
(c "~(ABC Def~) ~:(abc dEF~) ~@(abc DEF~) ~:@(abc~)") (c "~(~a~) ~@(~a~)" "FOO" "  foo BAR") (c "~:(foo-bar baz2qux~)")
(c "~[zero~;one~;two~] ~[a~;b~:;def~] ~:[false~;true~] ~@[x=~a~] ~@[y=~a~]" 1 7 nil 5 nil) (c "~[a~;b~]" -1) (c "~1[a~;b~]") (c "~#[none~;one~;two~]" 1 2) (c "~[a~;b~]" 'x) (c "~:[a~]" 1) (c "~0[a~:;b~]")
(c "~{~a~^, ~}" '(1 2 3)) (c "~{~a ~a~%~}" '(1 2 3 4)) (c "~:{<~a ~a>~}" '((1 2) (3 4))) (c "~@{~a~^,~}" 1 2 3) (c "~:@{<~a>~}" '(1) '(2)) (c "~2{~a~}" '(1 2 3)) (c "~{~}" "~a-" '(1 2)) (c "~{x~:}" nil) (c "~{~a~:}" '(1 2)) (c "~{~a" '(1)) (c "~{~a~^~}z" '()) (c "~:{~a~:^-~}" '((1) (2) (3))) (c "~:{~a~^-~a ~}" '((1) (2 3))) (c "~v{~a~}" 2 '(1 2 3)) (c "~{~{~a~^-~}~^ ~}" '((1 2) (3))) (c "~{~a~#[~;, and ~:;, ~]~}" '(1 2 3)) (c "~{~a~}" 5) (c "~:{~a~}" '(5)) (c "~0{~a~}x" '(1)) (c "~@{~a~}" )
(c "~a~^ ~a" 1) (c "~a~1^b" 1) (c "~a~0^b" 1) (c "~a~1,1^b" 1) (c "~a~1,2,3^b" 1) (c "~a~3,2,3^b" 1)  (c "a~^b") (c "~(A~^B~)C" ) (c "~[~^a~]b" 0) (c "~?x" "a~^b" nil) (c "~@?x" "a~^b") 
(c "~10<abc~>|") (c "~10<abc~;def~>|") (c "~10:<abc~;def~>|") (c "~10@<abc~;def~>|") (c "~10:@<abc~;def~>|") (c "~10<a~;b~;c~>|") (c "~10:@<a~>|") (c "~10@<a~>|") (c "~3,5<abcdef~;g~>|") (c "~,,3<a~;b~>|") (c "~10,,,'*<a~;b~>|") (c "~20<a~;~a~^~;c~>|" 1) (c "~<~%;; ~1,20:;hello~>") (c "~<~%;; ~1,2:;hello~>") (c "~10:<a~>|")(c "~0<~>|") (c "~5<~>|")
(c "a~
    b") (c "a~:
    b") (c "a~@
    b") (c "~/show-parameters/ ~1,2:@/cl-user::show-parameters/" 1 2) (c "~/show-parameters/" 1) (c "~vd ~v,vd" 5 1 5 #\* 2) (c "~#d" 1 2 3) (c "~va|" nil "x") (c "~,va|" 1 "x") (c "~z") (c "~") (c "~5") (c "~)") (c "~;") (c "~::d" 1) (c "~1,2,3,4,5,6d" 1) (c "~'ad" 1) (c "~a ~a" 1) (c "~w ~w" "a" 'b) (c "~+5d|" 3) (c "~3%~2&~3~") (c "~2|")
(c "~@:d ~:@d" 1000 1000) (c "~,,,2:d" 123456) (c "~s" '(a . "b")) (c "~3,,,'xa" "a") (c "~a" #\a) (c "~s" #\a) (c "~d" nil) (c "~x" 'abc) (c "~10:a|" nil) (c "~10,,,'-:@a|" nil)

(let ((s (make-array 0 :element-type 'character :adjustable t :fill-pointer 0))) (format s "abc~a" 1) (prin1 s) (terpri))
(prin1 (multiple-value-list (funcall (formatter "~a-~a~%") *standard-output* 1 2 3))) (terpri)
(format t "~a and ~s, ~d~%~&end~~~%" "x" "y" 42)
(prin1 (let ((x 1)) (format nil "~a~a" (incf x) (incf x)))) (terpri)
(let ((stream *standard-output*)) (format stream "to a stream ~d~%" 5))
(prin1 (format nil (formatter "~{~a~^,~}") '(1 2 3))) (terpri)
(prin1 (format nil "~?" (formatter "~a+~a") '(1 2))) (terpri)
;; A single text needs no padding, unless it is asked for before or after the text.
(c "~3,,1<~a~>|~10,,3<~a~>|~10,,6<~a~>" "xxxxx" "xxxxx" "xxxxx")
(c "~10,,6:<~a~>|~10,,6:@<~a~>|~3,,2@<~a~>|~10,,3<~a~;~a~>" "xxxxx" "xxxxx" "xxxxx" "xxxxx" "yyy")
