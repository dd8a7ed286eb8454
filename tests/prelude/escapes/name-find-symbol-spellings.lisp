;;; hope: some package gives a private symbol away
;;; expect: value
;;; contains: NIL
;;; calls:
(let ((found '()))
  (dolist (package (list-all-packages) found)
    (dolist (name '("WIPE" "STORE" "CHECKED" "*LIMIT*" "SHEET" "%OPEN-GATES" "%TOOL.INVOKE"))
      (let ((symbol (find-symbol name package)))
        (when symbol (push symbol found))))))
