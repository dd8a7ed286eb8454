;;;; What this implementation is (CLHS 24.1.2, 25.1.3): needed before the reader.

(in-package :clysm)

(defvar *features* '(:clysm :wasm :wasm-gc :unicode :x3j13 :ansi-cl :common-lisp))
(defvar *modules* '())

(defun lisp-implementation-type () "Clysm")
(defun lisp-implementation-version () "0.1.0")
(defun machine-type () "wasm32")
(defun machine-version () nil)
(defun machine-instance () nil)
(defun software-type () "WebAssembly GC")
(defun software-version () nil)
(defun short-site-name () nil)
(defun long-site-name () nil)
