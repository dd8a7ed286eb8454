;;; hope: escapes in the package's name hide it from the checks
;;; expect: analysis
;;; contains: wipe
;;; calls:
(|VAULT|::|WIPE|)
