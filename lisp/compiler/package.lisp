;;;; The package of the compiler. Functions of the library that are not standard are written with their package, as clysm::%name.

(defpackage :clysm-compiler
  (:use :common-lisp)
  (:shadow #:compiled-function #:compiled-function-p) ; a structure of the compiler
  (:documentation "The compiler: from forms to WebAssembly modules."))
