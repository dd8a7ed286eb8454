;;;; Complex numbers: construction and arithmetic (CLHS 12.1.5).

(in-package :clysm)

(defun complex (realpart &optional (imagpart 0))
  (let ((level (max (%real-level realpart) (%real-level imagpart))))
    (cond ((eq level 3) (%new complex (%to-double realpart) (%to-double imagpart)))
          ((eq level 2) (%new complex (%to-single realpart) (%to-single imagpart)))
          ((eq imagpart 0) realpart)
          (t (%new complex realpart imagpart)))))

(defun realpart (number)
  (if (%is complex number)
      (%get complex real number)
      (%check-number number)))

(defun imagpart (number)
  (cond ((%is complex number) (%get complex imag number))
        ((%is double number) (%new double (%f64.mul 0d0 (%get double value number))))
        ((%is single number) (%new single (%f32.mul 0f0 (%get single value number))))
        (t (%check-number number) 0)))

(defun conjugate (number)
  (if (%is complex number)
      (%new complex (%get complex real number) (generic-negate (%get complex imag number)))
      (%check-number number)))

;;; Arithmetic. A real operand has no imaginary part, not a zero one: the zero would spoil signs of zeros.

(defun %complex-add (a b)
  (cond ((not (%is complex a))
         (complex (generic-add a (realpart b)) (imagpart b)))
        ((not (%is complex b))
         (complex (generic-add (realpart a) b) (imagpart a)))
        (t (complex (generic-add (realpart a) (realpart b)) (generic-add (imagpart a) (imagpart b))))))

(defun %complex-subtract (a b)
  (cond ((not (%is complex a))
         (complex (generic-subtract a (realpart b)) (generic-negate (imagpart b))))
        ((not (%is complex b))
         (complex (generic-subtract (realpart a) b) (imagpart a)))
        (t (complex (generic-subtract (realpart a) (realpart b)) (generic-subtract (imagpart a) (imagpart b))))))

(defun %complex-multiply (a b)
  (cond ((not (%is complex a))
         (complex (generic-multiply a (realpart b)) (generic-multiply a (imagpart b))))
        ((not (%is complex b))
         (complex (generic-multiply (realpart a) b) (generic-multiply (imagpart a) b)))
        (t (let ((ar (realpart a)) (ai (imagpart a)) (br (realpart b)) (bi (imagpart b)))
             (complex (generic-subtract (generic-multiply ar br) (generic-multiply ai bi))
                      (generic-add (generic-multiply ar bi) (generic-multiply ai br)))))))

(defun %complex-divide (a b)
  (if (%is complex b)
      (let ((ar (realpart a)) (ai (if (%is complex a) (imagpart a) 0)) (br (realpart b)) (bi (imagpart b)))
        (if (floatp (generic-add (generic-add ar ai) br))
            (%divide-float-complex ar ai br bi)
            (let ((norm (generic-add (generic-multiply br br) (generic-multiply bi bi))))
              (complex (generic-divide (generic-add (generic-multiply ar br) (generic-multiply ai bi)) norm)
                       (generic-divide (generic-subtract (generic-multiply ai br) (generic-multiply ar bi)) norm)))))
      (complex (generic-divide (realpart a) b) (generic-divide (imagpart a) b))))

(defun %divide-float-complex (ar ai br bi)
  "The quotient of two complex numbers with float parts, scaled by the larger part of the divisor (Smith's method), so
that its square need not be representable."
  (if (generic-less (abs br) (abs bi))
      (let* ((ratio (generic-divide br bi))
             (norm (generic-add (generic-multiply br ratio) bi)))
        (complex (generic-divide (generic-add (generic-multiply ar ratio) ai) norm)
                 (generic-divide (generic-subtract (generic-multiply ai ratio) ar) norm)))
      (let* ((ratio (generic-divide bi br))
             (norm (generic-add (generic-multiply bi ratio) br)))
        (complex (generic-divide (generic-add ar (generic-multiply ai ratio)) norm)
                 (generic-divide (generic-subtract ai (generic-multiply ar ratio)) norm)))))

(defun %hypotenuse (x y)
  "The square root of the sum of the squares of two doubles, which are scaled so that it overflows only if it must."
  (let* ((a (%f64.abs (%get double value x)))
         (b (%f64.abs (%get double value y)))
         (large (%f64.max a b))
         (small (%f64.min a b)))
    (cond ((%f64.eq large 0d0) 0d0)
          ((and (%f64.lt large 1d150) (%f64.gt small 1d-150))
           (%f64.sqrt (%f64.add (%f64.mul a a) (%f64.mul b b))))
          (t (let ((ratio (%f64.div small large)))
               (%checked-double abs x y
                                (%f64.mul large (%f64.sqrt (%f64.add 1d0 (%f64.mul ratio ratio))))))))))

(defun %complex-magnitude (number)
  "The absolute value of a complex number."
  (let* ((real (%get complex real number))
         (imag (%get complex imag number)))
    (cond ((%is double real) (%hypotenuse real imag))
          ((%is single real) (%to-single (%hypotenuse (%to-double real) (%to-double imag))))
          (t (sqrt (generic-add (generic-multiply real real) (generic-multiply imag imag)))))))
