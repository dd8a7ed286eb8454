;;;; Loads what was compiled, from the directory that is its argument.

(load (concatenate 'string (second (clysm:argv)) "/geometry.wasm"))

(format t "~A ~A~%" (geometry:area (geometry:make-box :width 2 :height 5)) (geometry:square 4))
