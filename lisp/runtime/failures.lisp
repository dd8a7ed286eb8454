;;;; Errors that the library detects. A program that neither handles conditions nor looks at them needn't contain the
;;;; condition system: its errors are reported in short, and end it.

(in-package :clysm)

;;; The functions that signal, once there is a condition system.
(defglobal *%signaller* nil)            ; of the datum and the list of arguments of ERROR
(defglobal *%warner* nil)               ; of the arguments of WARN
(defglobal *%undefined-function-signaller* nil)  ; of the name; its value is the function to call instead
(defglobal *%unbound-variable-signaller* nil)    ; of the name; its value is the value to use instead

(defun %error (datum &rest arguments)
  "ERROR for the library's own use."
  (if *%signaller*
      (%funcall *%signaller* datum arguments)
      (%end-with-report datum arguments)))

(defun %undefined-function-called (name)
  "Signals that NAME has no function; the function that a restart provides."
  (if *%undefined-function-signaller*
      (%funcall *%undefined-function-signaller* name)
      (%error 'undefined-function :name name)))

(defun %unbound-variable (name)
  "Signals that the variable NAME is unbound; the value that a restart provides."
  (if *%unbound-variable-signaller*
      (%funcall *%unbound-variable-signaller* name)
      (%error 'unbound-variable :name name)))

;;; The short report: a list of strings, last first, becomes the text.

(defun %end-with-report (datum arguments)
  "Hands the short report of an error to the host and leaves the program."
  (let* ((text (%joined (%short-report datum arguments)))
         (end (%fixnum (%array-length string text)))
         (octets (%array-new u8-vector (%utf8-length text 0 end) 0)))
    (%utf8-encode text 0 end octets 0)
    (%sys.report-error octets (%array-length u8-vector octets))
    (throw '%toplevel nil)))

(defun %short-report (datum arguments)
  (if (%is string datum)
      (%short-control datum arguments (list "Unhandled error: "))
      (%short-arguments arguments (%short-object datum (list "Unhandled ")))))

(defun %short-control (control arguments pieces)
  "PIECES with the text of a format control in front that has directives for single objects only; what comes from the first
other directive on is shown as it is."
  (let ((end (%array-length string control)) (start (%i32 0)) (i (%i32 0)))
    (do ()
        ((%i32.ge_s i end) (cons (%string-piece control start end) pieces))
      (if (and (%i32.eq (%array-ref string control i) 126) (%i32.lt_s (%i32.add i 1) end))
          (let ((directive (%i32.or (%array-ref string control (%i32.add i 1)) 32)))
            (if (and arguments
                     (or (%i32.eq directive 115) (%i32.eq directive 97) (%i32.eq directive 100)))
                (progn
                  (setq pieces (%short-object (car arguments) (cons (%string-piece control start i) pieces))
                        arguments (cdr arguments)
                        i (%i32.add i 2)
                        start i))
                (return (%short-arguments arguments (cons (%string-piece control start end) pieces)))))
          (setq i (%i32.add i 1))))))

(%define-raw %string-piece ((string eq) (start i32) (end i32)) eq
  (let ((piece (%array-new string (%i32.sub end start) 0)))
    (%array-copy string piece 0 string string start (%i32.sub end start))
    piece))

(defun %short-arguments (arguments pieces)
  (do ((rest arguments (cdr rest))
       (before ": " " "))
      ((not (%is cons rest)) pieces)
    (setq pieces (%short-object (car rest) (cons before pieces)))))

(defun %short-object (object pieces)
  "PIECES with those of OBJECT in front; what is no number, text, symbol or list of these is not shown."
  (cond ((%is symbol object) (cons (%get symbol name object) pieces))
        ((%is string object) (cons "\"" (cons object (cons "\"" pieces))))
        ((%fixnump object) (cons (%short-integer object) pieces))
        ((%is cons object)
         (do ((rest object (cdr rest))
              (before "(" " "))
             ((not (%is cons rest)) (cons ")" pieces))
           (setq pieces (%short-object (car rest) (cons before pieces)))))
        (t (cons "#<object>" pieces))))

(defun %short-integer (n)
  (if (%i32.lt_s n 0)
      (%string-append "-" (%fixnum-string (%fixnum (%i32.sub 0 n))))
      (%fixnum-string n)))

(defun %joined (pieces)
  "The strings PIECES, last first, as one."
  (let ((text ""))
    (dolist (piece pieces text)
      (setq text (%string-append piece text)))))
