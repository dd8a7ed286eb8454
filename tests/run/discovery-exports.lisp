;;;; Discovery: what a program can ask about the exports of its preludes.
(setq *print-pretty* nil)

(defun outcome (function)
  (handler-case (multiple-value-list (funcall function))
    (type-error () '(:type-error))
    (simple-error (c) (list (princ-to-string c)))))

(defmacro show (&rest forms)
  `(progn ,@(mapcar (lambda (form) `(format t "~{~S~^ ~}~%" (outcome (lambda () ,form)))) forms)))

;; No records.
(show (clysm:all-namespaces) (clysm:apropos-export "user") (clysm:dir :crm) (clysm:describe-export "crm/get-user"))

(defpackage :crm (:use :cl) (:nicknames "C") (:export "GET-USER" "DELETE-USER" "SEARCH" "PAGE-SIZE") (:shadow "SEARCH"))
(defpackage :cfg (:use) (:export "ANSWER"))
(defun crm:get-user (id) id)
(defun crm:delete-user (id) id)
(defun crm:search (query &rest opts) (list query opts))
(defparameter crm:page-size 20)
(defparameter cfg:answer 42)
(clysm::%seal-preludes '("CRM" "CFG")
                       '((crm:get-user :function) (crm:delete-user :function) (crm:search :function) (crm:page-size :constant)
                         (cfg:answer :constant))
                       nil)
(clysm::%set-export-records
 "((:ref \"crm/search\" :namespace \"crm\" :symbol \"search\" :arity :variadic :min-arity 1 :max-arity nil
    :params (\"query\" \"&\" \"opts\") :doc NIL :visibility :discoverable :effect :unknown :kind :function :provider-ref nil
    :requires () :tool-refs ())
   (:ref \"crm/get-user\" :namespace \"crm\" :symbol \"get-user\" :arity 1 :min-arity 1 :max-arity 1 :params (\"id\")
    :doc \"Looks up the user with that id.

Says \\\"none\\\" for C:\\\\.\" :visibility :prompt :effect :read :kind :function :provider-ref \"upstream:crm/get_user\"
    :requires (\"tool:get_user\" \"upstream:crm/get_user\") :tool-refs (\"get_user\") :source \"(defun get-user (id) …)\")
   (:ref \"crm/delete-user\" :namespace \"crm\" :symbol \"delete-user\" :arity 2 :min-arity 2 :max-arity 2 :params ()
    :doc \"Removes someone.\" :visibility :prompt :effect :write :kind :function :provider-ref nil
    :requires (\"tool:delete_user\") :tool-refs (\"delete_user\"))
   (:ref \"crm/page-size\" :namespace \"crm\" :symbol \"page-size\" :arity 0 :min-arity 0 :max-arity 0 :params ()
    :doc nil :visibility :prompt :effect :read :kind :constant :provider-ref nil :requires () :tool-refs ())
   (:ref \"cfg/answer\" :namespace \"cfg\" :symbol \"answer\" :arity 0 :min-arity 0 :max-arity 0 :params ()
    :doc \"The answer, for every USER.\" :visibility :prompt :effect :read :kind :constant :provider-ref nil :requires () :tool-refs ()))")

(show (clysm:all-namespaces)
      (clysm:dir 'crm) (clysm:dir "Crm") (clysm:dir :cfg) (clysm:dir (find-package :crm)) (clysm:dir "nothing") (clysm:dir 5)
      (clysm:apropos-export "user") (clysm:apropos-export 'search) (clysm:apropos-export "SOMEONE") (clysm:apropos-export "xyz")
      (clysm:export-metadata 'crm:get-user)
      (clysm:export-metadata "CRM/Search")
      (clysm:export-source "crm/get-user") (clysm:export-source 'crm:search)
      (getf (clysm:export-metadata 'cfg:answer) :doc))

(dolist (export '(crm:get-user crm:delete-user "crm/search" crm:page-size cfg:answer))
  (clysm:describe-export export))
(show (clysm:describe-export 'cfg:answer))

;; What isn't there.
(show (clysm:describe-export 'crm::get-usr) (clysm:export-metadata "crm/gte-user") (clysm:export-source "answer")
      (clysm:export-metadata 'car) (clysm:export-metadata '#:get-user) (clysm:export-metadata 5))

;; The records can't be changed by what programs do with copies, nor by what they do to the reader.
(let ((metadata (clysm:export-metadata 'crm:get-user)))
  (setf (char (getf metadata :doc) 0) #\X
        (first (getf metadata :requires)) "nothing"
        (getf metadata :effect) :write)
  (fill (first (clysm:all-namespaces)) #\X)
  (fill (clysm:export-source 'crm:get-user) #\X))
(show (clysm:export-metadata 'crm:get-user) (clysm:all-namespaces) (clysm:export-source 'crm:get-user))
(clysm::%set-export-records "((:ref \"a/b\" :namespace \"a\" :symbol \"b\" :arity 3 :params () :effect :read))")
(let ((*readtable* (copy-readtable)) (*read-base* 2) (*package* (make-package "EMPTY" :use '())) (*read-suppress* t))
  (set-macro-character #\( (lambda (stream char) (declare (ignore stream char)) 0))
  (clysm:describe-export "a/b"))
(show (clysm:dir "a") (clysm:apropos-export "b"))

;; Texts that are no records are errors, each time.
(dolist (text '("((:ref" "((:colour 1))" "((#.(print 1)))" "((:ref 'a))" "(-1)" "((:ref \"a"))
  (clysm::%set-export-records text)
  (format t "~A: ~S ~S~%" text (outcome #'clysm:all-namespaces) (equal (outcome #'clysm:all-namespaces) (outcome #'clysm:all-namespaces))))

;; The standard's functions see the symbols as they are.
(show (fboundp 'crm:get-user) (apropos-list "GET-USER") (boundp 'crm:page-size))
