;;; hope: a hook that is only mentioned does not count
;;; expect: guard
;;; contains: wipe
;;; calls:
(let ((*debugger-hook* 'vault:maintain)) (error "x"))
