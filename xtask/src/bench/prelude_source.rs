//! A prelude of a thousand lines, always the same: ten packages with ten exports each, documented, with helpers of their own, constants and
//! calls of tools. And a program of ten lines against it.

use std::fmt::Write as _;

/// How many packages there are. Each has ten exports: nine functions and a constant.
const PACKAGES: usize = 10;

/// The tools that package `number` calls.
fn tools_of(number: usize) -> [String; 3] {
    ["find", "list", "save"].map(|verb| format!("{verb}_item_{number}"))
}

/// The tools that the prelude calls.
pub fn tools() -> Vec<String> {
    (0..PACKAGES).flat_map(tools_of).collect()
}

/// The prelude.
pub fn prelude() -> String {
    let mut text = String::from(";;;; What programs may do with the items of ten areas.\n\n");
    (0..PACKAGES).for_each(|number| package(&mut text, number));
    text
}

/// The program, which calls four exports of two packages.
pub const PROGRAM: &str = "\
;;; Saves the best of a few items, if they are good enough.
(defun better (a b)
  (> (area-1:score a) (area-1:score b)))

(let* ((items (area-1:list-items :limit 5))
       (best (first (sort items #'better)))
       (total (loop for item in items sum (area-1:score item))))
  (when (> total area-1:base)
    (area-2:save-item (getf best :id) :note \"best\"))
  (list (area-2:label best) total))
";

fn package(text: &mut String, number: usize) {
    let [find, list, save] = tools_of(number);
    let base = 10 + number;
    // Writing to a string can't fail.
    let _ = writeln!(
        text,
        r##"(defpackage :area-{number}
  (:use :common-lisp)
  (:documentation "Items of area {number}: finding them, looking at them, changing them.")
  (:export #:base #:find-item #:list-items #:save-item #:label #:score #:total #:summary #:rename #:known-p))

(in-package :area-{number})

(declaim (clysm:export find-item :effect :read)
         (clysm:export list-items :effect :read)
         (clysm:export save-item :effect :write))

;;; What everything else is made of.

(defconstant base {base}
  "What a score begins with.")

(defconstant +most+ (* 10 base)
  "The most items that anybody gets at once.")

(defparameter *fields* '(:id :name :size :owner :state)
  "The fields that a summary shows.")

(defmacro with-item ((item id) &body body)
  "Runs BODY with ITEM bound to the item ID, if there is one."
  `(let ((,item (find-item ,id)))
     (when ,item
       ,@body)))

(defun checked-id (id)
  "ID, which must be a positive integer."
  (unless (and (integerp id) (plusp id))
    (error "~S is not the number of an item of area {number}." id))
  id)

(defun clamped (number low high)
  "NUMBER, or the bound that it is beyond."
  (max low (min number high)))

(defun field-text (item field)
  "A field of an item as a text."
  (let ((value (getf item field)))
    (if (stringp value)
        value
        (princ-to-string value))))

;;; Exports.

(defun find-item (id)
  "The item ID as a property list, nil if there is none."
  (clysm:call-tool "{find}" (checked-id id)))

(defun list-items (&key (limit 20) owner)
  "At most LIMIT items, those of OWNER if that is given."
  (let* ((count (clamped limit 1 +most+))
         (items (clysm:call-tool "{list}" count)))
    (if owner
        (remove-if-not (lambda (item) (equal (getf item :owner) owner)) items)
        items)))

(defun save-item (id &key note (state :open))
  "Changes the item ID; its new state."
  (when (and note (> (length note) 200))
    (error "The note is too long: ~D characters." (length note)))
  (clysm:call-tool "{save}" (checked-id id) :note note :state state)
  state)

(defun label (item)
  "One line about an item."
  (format nil "#~D ~A (~A)" (getf item :id) (field-text item :name) (getf item :state)))

(defun score (item)
  "A number to compare items by."
  (let ((size (getf item :size 0)))
    (cond ((not (integerp size)) base)
          ((< size 10) (+ base size))
          (t (+ base 10 (floor size 10))))))

(defun total (items &optional (key #'score))
  "The sum of what KEY gives for the items."
  (let ((sum 0))
    (dolist (item items sum)
      (incf sum (funcall key item)))))

(defun summary (item)
  "Names and texts of the fields of an item, in the order in which they are shown."
  (loop for field in *fields*
        collect (cons (string-downcase (symbol-name field)) (field-text item field))))

(defun rename (id name)
  "Gives the item ID another name, and returns the old one."
  (with-item (item id)
    (let ((old (field-text item :name)))
      (save-item id :note (format nil "~A instead of ~A" name old))
      old)))

(defun known-p (id)
  "Whether there is an item ID."
  (handler-case (and (find-item id) t)
    (error () nil)))
"##
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prelude_is_what_it_is_called() {
        let text = prelude();
        assert_eq!(text.lines().count(), 1_002);
        let exports = text.lines().filter_map(|line| line.trim().strip_prefix("(:export "));
        assert_eq!(exports.map(|line| line.split_whitespace().count()).sum::<usize>(), 100);
        assert_eq!(PROGRAM.lines().count(), 10);
    }
}
