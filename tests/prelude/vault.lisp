;;;; A store of notes, for programs that try to get more than they are given.
;;;;
;;;; What must hold whatever a program does: nothing is wiped, a note has at most *LIMIT* characters, and the tools get the arguments
;;;; that are written here and no others.

(defpackage :vault
  (:use :common-lisp)
  (:export #:note #:add #:draft #:draft-text #:submit #:each-note #:maintain #:+version+ #:*sample* #:*janitor*))

(in-package :vault)

(defconstant +version+ 3 "The version of the store.")

(defparameter *limit* 20 "How long a note may be.")

(defun wipe ()
  "Removes all notes."
  (clysm:call-tool "wipe"))

(defun store (text)
  "Adds a note, whatever it is."
  (clysm:call-tool "add_note" :text text))

(defun checked (text)
  "A string of the same characters as TEXT that nobody else has, if it is a note."
  (check-type text string)
  (unless (<= (length text) *limit*)
    (error "A note has at most ~D characters, this one has ~D." *limit* (length text)))
  (coerce (copy-seq text) 'simple-string))

(defstruct (sheet (:constructor sheet (text)) (:copier nil))
  (text "" :type string :read-only t))

(defun note (id)
  "The note with that id."
  (clysm:call-tool "read_note" :id id))

(defun add (text)
  "Adds a note of at most 20 characters."
  (store (checked text)))

(defun draft (text)
  "A note of at most 20 characters that is not added yet."
  (sheet (checked text)))

(defun draft-text (draft)
  "The text of a draft."
  (copy-seq (sheet-text draft)))

(defun submit (draft)
  "Adds a draft."
  (check-type draft sheet)
  (store (sheet-text draft)))

(defun each-note (function)
  "Calls FUNCTION with some notes, one after the other; the list of what it returns."
  (mapcar function (list (note 1) (note 2))))

(defun maintain ()
  "Removes all notes. Not for programs."
  (wipe))

(defparameter *sample* (sheet "sample") "A draft.")

(defparameter *janitor* (lambda () (wipe)) "A function that removes all notes. Not for programs.")
