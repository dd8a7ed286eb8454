;;; A prelude that wraps three tools.
(defpackage :crm
  (:use :common-lisp)
  (:export #:get-user #:search-users #:delete-user #:page-size))

(in-package :crm)

(declaim (clysm:export delete-user :effect :write :visibility :discoverable))

(defconstant page-size 20)

(defun fetch (id)
  (or (clysm:call-tool "get_user" :id id)
      (error "No user ~A." id)))

(defun get-user (id)
  "The user with that id, as a property list."
  (fetch id))

(defun search-users (query &key (limit page-size))
  "Users whose name contains QUERY."
  (clysm:call-tool "search_users" :query query :limit limit))

(defun delete-user (id)
  "Deletes a user, for ever."
  (clysm:call-tool "delete_user" :id (getf (fetch id) :id)))
