;;; hope: the program's own metadata says that an export needs nothing
;;; expect: analysis or guard or compile
;;; calls:
(declaim (clysm:export vault:maintain :requires () :effect :read))
(vault:maintain)
