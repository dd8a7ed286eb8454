;;; The symbol is not external in its package.
(print :before)
(print clysm:no-such-symbol)
