;; Products of two row-major matrices whose rows both run along the sum ("dot-product form"):
;;
;;   out[token][row] = Σ over columns  x[token][column] · w[row][column]
;;
;; Four rows of w are taken at a time, so each load of x serves four sums. The caller pads: w has a multiple of
;; four rows, and every row of x and w is a whole number of 16-byte vectors. Addresses are 16-byte aligned.
(module
  (import "bank" "memory" (memory 1))

  ;; [Σa, Σb, Σc, Σd] of four vectors of floats.
  (func $floatSums (param $a v128) (param $b v128) (param $c v128) (param $d v128) (result v128)
    (local $ab v128) (local $cd v128)
    ;; [a0+a2, b0+b2, a1+a3, b1+b3]
    (local.set $ab (f32x4.add
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $b))
      (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a) (local.get $b))))
    (local.set $cd (f32x4.add
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $c) (local.get $d))
      (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $c) (local.get $d))))
    (f32x4.add
      (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $ab) (local.get $cd))
      (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $ab) (local.get $cd))))

  ;; [Σa, Σb, Σc, Σd] of four vectors of 32-bit integers.
  (func $integerSums (param $a v128) (param $b v128) (param $c v128) (param $d v128) (result v128)
    (local $ab v128) (local $cd v128)
    (local.set $ab (i32x4.add
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $b))
      (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a) (local.get $b))))
    (local.set $cd (i32x4.add
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $c) (local.get $d))
      (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $c) (local.get $d))))
    (i32x4.add
      (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $ab) (local.get $cd))
      (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $ab) (local.get $cd))))

  ;; out [tokens × rows] of floats; `rowBytes` is the size of a row of x and of w.
  (func (export "matmulTransposed")
    (param $x i32) (param $w i32) (param $out i32) (param $tokens i32) (param $rows i32) (param $rowBytes i32)
    (local $row i32) (local $token i32) (local $at i32) (local $end i32)
    (local $w0 i32) (local $w1 i32) (local $w2 i32) (local $w3 i32) (local $input v128)
    (local $sum0 v128) (local $sum1 v128) (local $sum2 v128) (local $sum3 v128)
    (loop $rowBlocks
      (local.set $token (i32.const 0))
      (loop $eachToken
        (local.set $at (i32.add (local.get $x) (i32.mul (local.get $token) (local.get $rowBytes))))
        (local.set $end (i32.add (local.get $at) (local.get $rowBytes)))
        (local.set $w0 (i32.add (local.get $w) (i32.mul (local.get $row) (local.get $rowBytes))))
        (local.set $w1 (i32.add (local.get $w0) (local.get $rowBytes)))
        (local.set $w2 (i32.add (local.get $w1) (local.get $rowBytes)))
        (local.set $w3 (i32.add (local.get $w2) (local.get $rowBytes)))
        (local.set $sum0 (v128.const i32x4 0 0 0 0))
        (local.set $sum1 (v128.const i32x4 0 0 0 0))
        (local.set $sum2 (v128.const i32x4 0 0 0 0))
        (local.set $sum3 (v128.const i32x4 0 0 0 0))
        (loop $columns
          (local.set $input (v128.load (local.get $at)))
          (local.set $sum0 (f32x4.add (local.get $sum0) (f32x4.mul (local.get $input) (v128.load (local.get $w0)))))
          (local.set $sum1 (f32x4.add (local.get $sum1) (f32x4.mul (local.get $input) (v128.load (local.get $w1)))))
          (local.set $sum2 (f32x4.add (local.get $sum2) (f32x4.mul (local.get $input) (v128.load (local.get $w2)))))
          (local.set $sum3 (f32x4.add (local.get $sum3) (f32x4.mul (local.get $input) (v128.load (local.get $w3)))))
          (local.set $w0 (i32.add (local.get $w0) (i32.const 16)))
          (local.set $w1 (i32.add (local.get $w1) (i32.const 16)))
          (local.set $w2 (i32.add (local.get $w2) (i32.const 16)))
          (local.set $w3 (i32.add (local.get $w3) (i32.const 16)))
          (br_if $columns (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
        (v128.store
          (i32.add (local.get $out) (i32.shl
            (i32.add (i32.mul (local.get $token) (local.get $rows)) (local.get $row))
            (i32.const 2)))
          (call $floatSums (local.get $sum0) (local.get $sum1) (local.get $sum2) (local.get $sum3)))
        (br_if $eachToken (i32.lt_u (local.tee $token (i32.add (local.get $token) (i32.const 1))) (local.get $tokens))))
      (br_if $rowBlocks (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 4))) (local.get $rows)))))

  ;; out [tokens × rows × groups] of 32-bit integers: the sum of each group of columns by itself.
  ;; `groupBytes` is the size of a group's columns in a row; the last group of a row may be shorter.
  (func (export "groupDots")
    (param $x i32) (param $w i32) (param $out i32)
    (param $tokens i32) (param $rows i32) (param $rowBytes i32) (param $groupBytes i32)
    (local $row i32) (local $token i32) (local $at i32) (local $end i32) (local $groupEnd i32)
    (local $w0 i32) (local $w1 i32) (local $w2 i32) (local $w3 i32) (local $input v128)
    (local $sum0 v128) (local $sum1 v128) (local $sum2 v128) (local $sum3 v128)
    (local $to i32) (local $outRowBytes i32)
    ;; Four bytes for each of the ceil(rowBytes / groupBytes) sums of a row.
    (local.set $outRowBytes (i32.shl
      (i32.div_u
        (i32.sub (i32.add (local.get $rowBytes) (local.get $groupBytes)) (i32.const 1))
        (local.get $groupBytes))
      (i32.const 2)))
    (loop $rowBlocks
      (local.set $token (i32.const 0))
      (loop $eachToken
        (local.set $at (i32.add (local.get $x) (i32.mul (local.get $token) (local.get $rowBytes))))
        (local.set $end (i32.add (local.get $at) (local.get $rowBytes)))
        (local.set $w0 (i32.add (local.get $w) (i32.mul (local.get $row) (local.get $rowBytes))))
        (local.set $w1 (i32.add (local.get $w0) (local.get $rowBytes)))
        (local.set $w2 (i32.add (local.get $w1) (local.get $rowBytes)))
        (local.set $w3 (i32.add (local.get $w2) (local.get $rowBytes)))
        (local.set $to (i32.add (local.get $out) (i32.mul
          (i32.add (i32.mul (local.get $token) (local.get $rows)) (local.get $row))
          (local.get $outRowBytes))))
        (loop $groups
          (local.set $groupEnd (i32.add (local.get $at) (local.get $groupBytes)))
          (if (i32.gt_u (local.get $groupEnd) (local.get $end))
            (then (local.set $groupEnd (local.get $end))))
          (local.set $sum0 (v128.const i32x4 0 0 0 0))
          (local.set $sum1 (v128.const i32x4 0 0 0 0))
          (local.set $sum2 (v128.const i32x4 0 0 0 0))
          (local.set $sum3 (v128.const i32x4 0 0 0 0))
          (loop $columns
            (local.set $input (v128.load (local.get $at)))
            (local.set $sum0 (i32x4.add (local.get $sum0)
              (i32x4.dot_i16x8_s (local.get $input) (v128.load (local.get $w0)))))
            (local.set $sum1 (i32x4.add (local.get $sum1)
              (i32x4.dot_i16x8_s (local.get $input) (v128.load (local.get $w1)))))
            (local.set $sum2 (i32x4.add (local.get $sum2)
              (i32x4.dot_i16x8_s (local.get $input) (v128.load (local.get $w2)))))
            (local.set $sum3 (i32x4.add (local.get $sum3)
              (i32x4.dot_i16x8_s (local.get $input) (v128.load (local.get $w3)))))
            (local.set $w0 (i32.add (local.get $w0) (i32.const 16)))
            (local.set $w1 (i32.add (local.get $w1) (i32.const 16)))
            (local.set $w2 (i32.add (local.get $w2) (i32.const 16)))
            (local.set $w3 (i32.add (local.get $w3) (i32.const 16)))
            (br_if $columns
              (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $groupEnd))))
          (local.set $sum0
            (call $integerSums (local.get $sum0) (local.get $sum1) (local.get $sum2) (local.get $sum3)))
          (v128.store32_lane 0 (local.get $to) (local.get $sum0))
          (v128.store32_lane 1 (i32.add (local.get $to) (local.get $outRowBytes)) (local.get $sum0))
          (v128.store32_lane 2
            (i32.add (local.get $to) (i32.shl (local.get $outRowBytes) (i32.const 1))) (local.get $sum0))
          (v128.store32_lane 3
            (i32.add (local.get $to) (i32.mul (local.get $outRowBytes) (i32.const 3))) (local.get $sum0))
          (local.set $to (i32.add (local.get $to) (i32.const 4)))
          (br_if $groups (i32.lt_u (local.get $at) (local.get $end))))
        (br_if $eachToken (i32.lt_u (local.tee $token (i32.add (local.get $token) (i32.const 1))) (local.get $tokens))))
      (br_if $rowBlocks (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 4))) (local.get $rows))))))
