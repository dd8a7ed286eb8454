;;;; FORMAT, FORMATTER, and the expansion of simple constant control strings at compile time (CLHS 22.3, 22.4).

(in-package :clysm)

(defun %format-on (stream control arguments)
  "Writes what CONTROL says of ARGUMENTS on STREAM; returns the arguments left."
  (if (functionp control)
      (apply control stream arguments)
      (let ((state (%make-arguments arguments arguments nil)))
        (%run-control control stream state)
        (%arguments-rest state))))

(defun %call-with-format-destination (destination function)
  "Calls FUNCTION on the stream that DESTINATION of FORMAT stands for; returns what FORMAT returns."
  (cond ((null destination)
         (let ((stream (make-string-output-stream)))
           (funcall function stream)
           (get-output-stream-string stream)))
        ((eq destination t) (funcall function (%output-stream nil)) nil)
        ((streamp destination) (funcall function destination) nil)
        ((and (stringp destination) (array-has-fill-pointer-p destination))
         (with-output-to-string (stream destination) (funcall function stream))
         nil)
        (t (%type-error destination '(or (member nil t) stream (and string (satisfies array-has-fill-pointer-p)))))))

(defun format (destination control-string &rest arguments)
  (cond ((null destination)
         (let ((stream (make-string-output-stream)))
           (%format-on stream control-string arguments)
           (get-output-stream-string stream)))
        ((streamp destination) (%format-on destination control-string arguments) nil)
        (t (%call-with-format-destination destination
                                          (lambda (stream) (%format-on stream control-string arguments))))))

(defmacro formatter (control-string)
  (%parse-control control-string)       ; for its errors
  `(lambda (stream &rest arguments)
     (%format-on stream ,control-string arguments)))

;;; Constant control strings of ~A ~S ~D ~% ~& ~~ without parameters need no interpreter.

(defun %simple-directive-p (item)
  (and (null (%directive-parameters item))
       (not (%directive-colon item))
       (not (%directive-at item))
       (member (%directive-character item) '(#\A #\S #\D #\% #\& #\~) :test #'eql)))

(defun %takes-argument-p (item)
  (and (not (stringp item)) (member (%directive-character item) '(#\A #\S #\D) :test #'eql)))

(defun %simple-items (control argument-count)
  "The items of the string CONTROL if they are simple and take ARGUMENT-COUNT arguments, else :NONE."
  (let ((items (handler-case (%parse-control control)
                 (error () (return-from %simple-items :none)))))
    (if (and (every (lambda (item) (or (stringp item) (%simple-directive-p item))) items)
             (eql argument-count (count-if #'%takes-argument-p items)))
        items
        :none)))

(defun %simple-format-forms (items stream arguments)
  "Forms that execute ITEMS on the variables STREAM and ARGUMENTS."
  (mapcar (lambda (item)
            (if (stringp item)
                (case (length item)
                  (0 nil)
                  (1 `(write-char ,(char item 0) ,stream))
                  (t `(write-string ,item ,stream)))
                (case (%directive-character item)
                  (#\A `(%princ ,(pop arguments) ,stream))
                  (#\S `(prin1 ,(pop arguments) ,stream))
                  (#\D `(%format-decimal ,(pop arguments) ,stream))
                  (#\% `(terpri ,stream))
                  (#\& `(fresh-line ,stream))
                  (t `(write-char #\~ ,stream)))))
          items))

(define-compiler-macro format (&whole form destination control &rest arguments)
  (let ((items (if (stringp control) (%simple-items control (length arguments)) :none)))
    (if (eq items :none)
        form
        (let* ((stream (gensym "STREAM"))
               (variables (mapcar (lambda (a) (declare (ignore a)) (gensym "ARGUMENT")) arguments))
               (bindings (mapcar #'list variables arguments))
               (forms (%simple-format-forms items stream variables)))
          (case destination
            ((t) `(let (,@bindings (,stream (%output-stream nil))) ,@forms nil))
            ((nil) `(let (,@bindings (,stream (make-string-output-stream)))
                      ,@forms
                      (get-output-stream-string ,stream)))
            (t (let ((place (gensym "DESTINATION")))
                 `(let ((,place ,destination) ,@bindings)
                    (%call-with-format-destination ,place (lambda (,stream) ,@forms))))))))))
