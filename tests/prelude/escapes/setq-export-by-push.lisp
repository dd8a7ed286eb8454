;;; hope: there is a way to assign that is not watched
;;; expect: analysis
;;; contains: *janitor*
;;; calls:
(push 1 vault:*janitor*)
