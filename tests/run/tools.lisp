;;;; Calls of tools in a program that is granted none: the functions are there, and say so in time.

(defpackage :tools-test
  (:use :common-lisp)
  (:import-from :clysm "CALL-TOOL" "CALL-UPSTREAM" "TOOL-ERROR" "CAPABILITY-ERROR"))

(in-package :tools-test)

(declaim (clysm:export ask :effect :read)
         (clysm:export-defaults :tools-test :visibility :discoverable))

(defun ask (id)
  (call-tool "get_user" :id id))

(defun ask-upstream (id)
  (list (call-upstream "crm" "get_user" id) (call-tool "über" id) (call-tool "get_user")))

(print (list (fboundp 'ask) (fboundp 'ask-upstream)))
