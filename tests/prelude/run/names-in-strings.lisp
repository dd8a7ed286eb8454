;;; expect: value
;;; contains: "crm::fetch and export_all"
;;; calls:
"crm::fetch and export_all"
