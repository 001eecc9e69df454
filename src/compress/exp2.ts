/** Table entries an octave. */
const STEPS = 16;
/** Octaves after which 2⁻ˣ is nothing to a sum of float32. */
const OCTAVES = 64;

/** 2^(−i / STEPS) */
const POWERS = Float64Array.from({ length: OCTAVES * STEPS }, (_, i) => 2 ** (-i / STEPS));

/**
 * 2⁻ˣ for x ≥ 0, to 2e-7 of it, and 0 from x = 64 on. Calibration takes millions of them, and `Math.exp` is several
 * times slower.
 */
export function exp2Minus(x: number): number {
  if (!(x < OCTAVES)) return 0;
  const steps = x * STEPS;
  const whole = steps | 0;
  const rest = (whole - steps) * (Math.LN2 / STEPS);
  return POWERS[whole]! * (1 + rest * (1 + rest * (1 / 2 + rest / 6)));
}
