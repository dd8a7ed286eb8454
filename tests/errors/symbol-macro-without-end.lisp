;;; Symbol macros that stand for themselves.
(define-symbol-macro again again)
(defun value () (symbol-macrolet ((x y) (y x)) x))
(defun change () (symbol-macrolet ((x x)) (setq x 1)))
(print again)
(setq again 1)
