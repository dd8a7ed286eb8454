;;;; Time (CLHS 25.1.4).

(in-package :clysm)

(defconstant internal-time-units-per-second 1000000)

(defun get-internal-real-time ()
  (values (floor (%clock.monotonic) 1000)))

(defun get-internal-run-time ()
  (values (floor (%clock.monotonic) 1000)))

(defun get-universal-time ()
  (+ +unix-epoch+ (floor (%clock.now) 1000000000)))

(defun sleep (seconds)
  (unless (and (realp seconds) (>= seconds 0))
    (%type-error seconds '(real 0)))
  (%finish-standard-output)
  (%clock.sleep (round (* (rational seconds) 1000000000)))
  nil)

;;; Calendar arithmetic.  Years begin in March, so that the leap day is the last; day 0 is 1900-01-01.

(defconstant +days-before-1900+ 693901)   ; from 0000-03-01

(defun %days-of-date (year month day)
  "Days from 1900-01-01 to the date in the Gregorian calendar."
  (let* ((y (if (< month 3) (- year 1) year))
         (m (mod (+ month 9) 12)))
    (+ (* 365 y) (floor y 4) (- (floor y 100)) (floor y 400)
       (floor (+ (* 153 m) 2) 5)
       (- day 1)
       (- +days-before-1900+))))

(defun %date-of-days (days)
  "Three values: year, month and day of the date DAYS after 1900-01-01."
  (multiple-value-bind (era day-of-era) (floor (+ days +days-before-1900+) 146097)
    (let* ((year-of-era (floor (- day-of-era (floor day-of-era 1460) (- (floor day-of-era 36524))
                                  (floor day-of-era 146096))
                               365))
           (day-of-year (- day-of-era (- (+ (* 365 year-of-era) (floor year-of-era 4))
                                         (floor year-of-era 100))))
           (m (floor (+ (* 5 day-of-year) 2) 153))
           (month (+ 1 (mod (+ m 2) 12))))
      (values (+ (* 400 era) year-of-era (if (<= month 2) 1 0))
              month
              (+ 1 (- day-of-year (floor (+ (* 153 m) 2) 5)))))))

(defun %local-zone ()
  "Hours west of UTC where the host is."
  (/ (%clock.zone) 60))

(defun decode-universal-time (universal-time &optional time-zone)
  (let ((zone (or time-zone (%local-zone))))
    (multiple-value-bind (days seconds) (floor (- universal-time (* zone 3600)) 86400)
      (multiple-value-bind (year month day) (%date-of-days days)
        (multiple-value-bind (hour rest) (floor seconds 3600)
          (multiple-value-bind (minute second) (floor rest 60)
            (values second minute hour day month year (mod days 7) nil zone)))))))

(defun get-decoded-time ()
  (decode-universal-time (get-universal-time)))

(defun %full-year (year)
  "YEAR, or when that has at most two digits the year within fifty years of now that ends in them."
  (if (<= 0 year 99)
      (let* ((now (sixth (multiple-value-list (get-decoded-time))))
             (candidate (+ year (* 100 (floor now 100)))))
        (cond ((< (- candidate now) -50) (+ candidate 100))
              ((>= (- candidate now) 50) (- candidate 100))
              (t candidate)))
      year))

(defun encode-universal-time (second minute hour date month year &optional time-zone)
  (let ((zone (or time-zone (%local-zone))))
    (+ second (* 60 minute) (* 3600 (+ hour zone))
       (* 86400 (%days-of-date (%full-year year) month date)))))
