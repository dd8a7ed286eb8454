;;; expect: value
;;; contains: ("crm" "crm/rename-user" "(rename-user id name &optional reason)")
;;; policy: crm-read-only.toml
;;; calls:
;; To ask about an export is not to reach its tools.
(list (first (clysm:all-namespaces))
      (getf (clysm:export-metadata 'crm:rename-user) :ref)
      (let* ((text (with-output-to-string (*standard-output*) (clysm:describe-export 'crm:rename-user)))
             (start (position #\( text)))
        (subseq text start (+ 1 (position #\) text)))))
