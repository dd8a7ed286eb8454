;;; A program that ends itself chooses the code.
(print :before)
(clysm:exit 42)
