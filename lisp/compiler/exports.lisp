;;;; What a host calls of a compiler: exports that take octets and give octets.

(in-package :clysm-compiler)

(defun answer (module report diagnostics source-map)
  "The octets of an answer: 0 and the octets of MODULE, or 1 and the diagnostics as text; before them, if there is a REPORT, its
length (four octets, low first) and its text."
  (let ((answer (make-buffer)))
    (when report
      (let ((text (with-output-to-string (stream) (write-report report stream))))
        (put-little-endian (utf8-size text) 4 answer)
        (put-utf8 text answer)))
    (put-octet (if module 0 1) answer)
    (if module
        (put-octets module 0 (length module) answer)
        (put-utf8 (with-output-to-string (stream)
                    (render-diagnostics diagnostics source-map stream))
                  answer))
    (buffer-contents answer)))

(defun compile-octets (octets linkage)
  "Compiles a program, whose text OCTETS are in UTF-8."
  (multiple-value-bind (module diagnostics source-map)
      (compile-form (clysm::%octets-string octets 0 (length octets)) :linkage linkage)
    (answer module nil diagnostics source-map)))

(defun clysm::%compile-form (octets)
  "Compiles a program, whose text OCTETS are in UTF-8, to a module that stands alone."
  (compile-octets octets :standalone))

(defun clysm::%compile-file (octets)
  "Compiles a program, whose text OCTETS are in UTF-8, to a module that is loaded into the compiler's own."
  (compile-octets octets :compiled-file))

(defun clysm::%compile-all (octets)
  "Compiles the files of a program, or all of the library's, given as DECODE-SOURCES takes them. The module names its functions."
  (multiple-value-bind (module report diagnostics source-map) (compile-all (decode-sources octets) :function-names t)
    (answer module report diagnostics source-map)))
