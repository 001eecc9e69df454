import {
  bit,
  concat,
  type InputOf,
  indexWidth,
  lookup,
  type Unsigned,
  unsigned,
  type ValueOf,
} from "../../builder/index.ts";
import { FUNCTION } from "./function-table.ts";
import { PROGRAM, SCALAR, type Step, VARIABLE } from "./program.ts";
import { CHOICE, type Controls, ROUTE_NAMES, ROUTES, type Route } from "./routes.ts";
import { LIMIT } from "./shifter.ts";

/** What all lanes do in a cycle. */
export const CONTROLS = {
  read: unsigned(2),
  next_x: bit,
  next_y: bit,
  next_second: bit,
  fires: bit,
  ends: bit,
  sine: bit,
  shifted: unsigned(2),
  places: unsigned(2),
  exponent: unsigned(2),
  round: bit,
  unsigned: bit,
  accumulate: bit,
  limit: unsigned(2),
  left: unsigned(3),
  right: unsigned(3),
  subtract: unsigned(2),
  addend: unsigned(3),
  kept: bit,
  absolute: bit,
  writes_product: bit,
  writes_second: bit,
  function: unsigned(2),
  marks: bit,
  factor: unsigned(2),
} as const;

const controlsOf = (one: Controls): InputOf<typeof CONTROLS> => ({
  read: CHOICE.read[one.read],
  next_x: flag(one.nextX),
  next_y: flag(one.nextY),
  next_second: flag(one.nextSecond),
  fires: flag(one.fires),
  ends: flag(one.ends),
  sine: flag(one.sine),
  shifted: CHOICE.shifted[one.shifted],
  places: CHOICE.places[one.places],
  exponent: CHOICE.exponent[one.exponent],
  round: flag(one.round),
  unsigned: flag(one.unsigned),
  accumulate: flag(one.accumulate),
  limit: LIMIT[one.limit],
  left: CHOICE.left[one.left],
  right: CHOICE.right[one.right],
  subtract: CHOICE.subtract[one.subtract],
  addend: CHOICE.addend[one.addend],
  kept: CHOICE.kept[one.kept],
  absolute: flag(one.absolute),
  writes_product: flag(one.writesProduct),
  writes_second: flag(one.writesSecond),
  function: FUNCTION[one.function],
  marks: flag(one.marks),
  factor: CHOICE.factor[one.factor],
});

/** What is the same in all cycles of a route: when results are used, and how long a pass goes on. */
export const TIMING = {
  leads: bit,
  drain: unsigned(4),
  write_3: bit,
  write_5: bit,
  write_7: bit,
  code_3: bit,
  code_5: bit,
  keep_2: bit,
  keep_4: bit,
  keep_6: bit,
  sum_3: bit,
  sum_7: bit,
  exponent_0: bit,
  exponent_6: bit,
  place_2: bit,
  place_3: bit,
} as const;

const timingOf = ({ lead, drain, taps }: Route): InputOf<typeof TIMING> => ({
  leads: flag(lead > 0),
  drain,
  write_3: flag(taps.write === 3),
  write_5: flag(taps.write === 5),
  write_7: flag(taps.write === 7),
  code_3: flag(taps.code === 3),
  code_5: flag(taps.code === 5),
  keep_2: flag(taps.keep === 2),
  keep_4: flag(taps.keep === 4),
  keep_6: flag(taps.keep === 6),
  sum_3: flag(taps.sum === 3),
  sum_7: flag(taps.sum === 7),
  exponent_0: flag(taps.exponent === 0),
  exponent_6: flag(taps.exponent === 6),
  place_2: flag(taps.place === 2),
  place_3: flag(taps.place === 3),
});

const ROUTE_BITS = indexWidth(ROUTE_NAMES.length);
export const STEP_BITS = indexWidth(PROGRAM.length);

/** What the scalar part does in a cycle. */
export const STEP = {
  route: unsigned(ROUTE_BITS),
  passes: bit,
  draws: bit,
  loops: bit,
  ends: bit,
  left: unsigned(2),
  right: unsigned(4),
  constant: unsigned(4),
  variable: bit,
  subtract: bit,
  unless_zero: bit,
  keep: unsigned(2),
  places_first: bit,
  places_second: bit,
  places_third: bit,
  positive: bit,
  complement: bit,
  length: unsigned(2),
  marks_zero: bit,
  factor: unsigned(3),
  descriptor: unsigned(2),
  next_segment: bit,
  first_segment: bit,
  clear: unsigned(2),
  spread: bit,
  words_sum: unsigned(2),
  points: bit,
  into: unsigned(2),
  writes: bit,
  writes_inverse: bit,
  token: bit,
} as const;

const stepOf = (one: Step): InputOf<typeof STEP> => ({
  route: ROUTE_NAMES.indexOf(one.route),
  passes: flag(one.flow === "pass" || one.flow === "passSegments"),
  draws: flag(one.flow === "draw"),
  loops: flag(one.flow === "segments" || one.flow === "passSegments"),
  ends: flag(one.flow === "end"),
  left: SCALAR.left[one.left],
  right: SCALAR.right[one.right],
  constant: typeof one.constant === "number" ? one.constant & 15 : VARIABLE[one.constant],
  variable: flag(typeof one.constant !== "number"),
  subtract: flag(one.subtract),
  unless_zero: flag(one.unlessZero),
  keep: SCALAR.keep[one.keep],
  places_first: flag(one.places === "first"),
  places_second: flag(one.places === "second"),
  places_third: flag(one.places === "third"),
  positive: flag(one.positive),
  complement: flag(one.complement),
  length: SCALAR.length[one.length],
  marks_zero: flag(one.marksZero),
  factor: SCALAR.factor[one.factor],
  descriptor: SCALAR.descriptor[one.descriptor],
  next_segment: flag(one.segment === "next"),
  first_segment: flag(one.segment === "first"),
  clear: SCALAR.clear[one.clear],
  spread: flag(one.spread),
  words_sum: SCALAR.sum[one.wordsSum],
  points: flag(one.points),
  into: SCALAR.into[one.into],
  writes: flag(one.writes !== "none"),
  writes_inverse: flag(one.writes === "inverse"),
  token: flag(one.token),
});

const flag = (value: boolean): 0 | 1 => (value ? 1 : 0);

export const stepAt = (step: Unsigned): ValueOf<typeof STEP> => lookup(step, STEP, PROGRAM.map(stepOf));

const routes: readonly Route[] = ROUTE_NAMES.map((name) => ROUTES[name]);

export const timingAt = (route: Unsigned): ValueOf<typeof TIMING> =>
  lookup(route, TIMING, routes.map(timingOf));

export const controlsAt = (route: Unsigned, phase: Unsigned): ValueOf<typeof CONTROLS> =>
  lookup(
    concat(route, phase),
    CONTROLS,
    routes.flatMap(({ phases }) => phases.map(controlsOf)),
  );
