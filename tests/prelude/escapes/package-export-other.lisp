;;; hope: the prelude's package can export a symbol of the program
;;; expect: analysis
;;; contains: vault
;;; calls:
(import 'mine :vault)
(export 'mine :vault)
