import { siShort } from "./format.js";
import { achievedOpsPerSecond, intensity } from "./operator-figures.js";

/** @typedef {import("../page-data.ts").PageData} PageData */
/** @typedef {import("./operator-figures.js").Operator} Operator */
/** Operations per byte and operations per second. @typedef {{ x: number, y: number }} Point */
/** @typedef {Point & { operator: Operator }} OperatorPoint */
/** `main` ones bound the whole decoder. @typedef {{ name: string, from: Point, to: Point, main: boolean }} Ceiling */
/** @typedef {{ min: number, max: number }} Range */

/** Room around the figures, as factors: to the right and along the slopes for the names of the ceilings. */
const MARGIN = { left: 2, right: 4, below: 2, above: 2, slope: 5 };

/** The operators that have a place on logarithmic axes. @param {PageData} data @returns {OperatorPoint[]} */
export function operatorPoints({ operators, headline }) {
  return operators
    .filter((operator) => intensity(operator) > 0 && operator.cycles > 0)
    .map((operator) => ({
      x: intensity(operator),
      y: achievedOpsPerSecond(operator, headline.clockMHz),
      operator,
    }));
}

/**
 * The roof, and the part of the plane that shows it and the points.
 * @param {PageData["roofline"]} roofline
 * @param {Point[]} points
 * @returns {{ ridge: Point, ceilings: Ceiling[], x: Range, y: Range }}
 */
export function rooflinePlane({ computeCeilings, memoryCeilings }, points) {
  const peak = computeCeilings[0].opsPerSecond;
  const ridge = { x: peak / memoryCeilings[0].bytesPerSecond, y: peak };
  const highest = Math.max(...computeCeilings.map(({ opsPerSecond }) => opsPerSecond));
  const fastest = Math.max(...memoryCeilings.map(({ bytesPerSecond }) => bytesPerSecond));

  const xs = [ridge.x, ...points.map((point) => point.x)];
  const ys = [ridge.y, highest, ...points.map((point) => point.y)];
  const x = {
    min: Math.min(Math.min(...xs) / MARGIN.left, highest / fastest / MARGIN.slope),
    max: Math.max(...xs) * MARGIN.right,
  };
  const y = { min: Math.min(...ys) / MARGIN.below, max: Math.max(...ys) * MARGIN.above };

  const slopes = memoryCeilings.map(({ name, bytesPerSecond }, index) => {
    const start = Math.max(x.min, y.min / bytesPerSecond);
    const end = Math.min(x.max, highest / bytesPerSecond);
    return {
      name: `${name}: ${siShort(bytesPerSecond, "B/s")}`,
      from: { x: start, y: start * bytesPerSecond },
      to: { x: end, y: end * bytesPerSecond },
      main: index === 0,
    };
  });
  const flats = computeCeilings.map(({ name, opsPerSecond }, index) => ({
    name: `${name}: ${siShort(opsPerSecond, "op/s")}`,
    from: { x: Math.max(x.min, opsPerSecond / fastest), y: opsPerSecond },
    to: { x: x.max, y: opsPerSecond },
    main: index === 0,
  }));
  return { ridge, ceilings: [...slopes, ...flats], x, y };
}

/** @param {Range} range */
export function decades({ min, max }) {
  return Math.log10(max / min);
}

/** 1, 2, 3, … 9, 10, 20, … within the range, with their first digits. @param {Range} range */
export function gridLines({ min, max }) {
  const lines = [];
  for (let exponent = Math.floor(Math.log10(min)); exponent <= Math.log10(max); exponent++) {
    for (let digit = 1; digit <= 9; digit++) lines.push({ value: Number(`${digit}e${exponent}`), digit });
  }
  return lines.filter(({ value }) => value >= min && value <= max);
}
