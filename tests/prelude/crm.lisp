;;;; A customer register: what programs may do with it, and nothing else.

(defpackage :crm
  (:use :common-lisp)
  (:export #:get-user #:search-users #:rename-user #:page-size #:no-such-user #:missing-id))

(in-package :crm)

(declaim (clysm:export-defaults :crm :visibility :prompt)
         (clysm:export search-users :visibility :discoverable)
         (clysm:export rename-user :effect :write))

(defconstant page-size 25 "How many users a search finds at most, unless the call says otherwise.")

(define-condition no-such-user (error)
  ((id :initarg :id :reader missing-id :documentation "The id that nobody has."))
  (:report (lambda (condition stream) (format stream "Nobody has the id ~D." (missing-id condition))))
  (:documentation "There is no user with that id."))

(defun fetch (id)
  "What the register says of a user."
  (check-type id (integer 1))
  (when (> id 1000)
    (error 'no-such-user :id id))
  (clysm:call-tool "get_user" :id id))

(defun get-user (id)
  "The user with that id, as a property list."
  (fetch id))

(defun search-users (query &key (limit page-size) (page 1))
  "The users whose names contain QUERY."
  (clysm:call-tool "search_users" :query query :limit limit :page page))

(defun rename-user (id name &optional reason)
  "Gives the user with that id another name."
  (clysm:call-tool "rename_user" :id id :name name :reason reason))
