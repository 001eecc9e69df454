import {
  bit,
  indexWidth,
  type NumbersOf,
  type Unsigned,
  type UnsignedShape,
  unpack,
  unsigned,
  type ValueOf,
} from "../../builder/index.ts";
import { FUNCTION } from "./function-table.ts";
import { PROGRAM, type Step } from "./program.ts";
import { LIMIT } from "./shifter.ts";

/** Choices of the multiplexers, by field. */
export const CHOICE = {
  operand: { word: 0, product: 1, sum: 2 },
  places: { zero: 0, first: 1, second: 2, third: 3 },
  exponent: { none: 0, key: 1, value: 2, distance: 3 },
  limit: LIMIT,
  left: { result: 0, difference: 1, half: 2, largest: 3 },
  right: { result: 0, factor: 1, angle: 2, fraction: 3, one: 4 },
  addend: { zero: 0, product: 1, base: 2 },
  subtract: { never: 0, always: 1, negative: 2, magnitude: 3 },
  factor: {
    none: 0,
    product: 1,
    result: 2,
    inverseLength: 3,
    epsilon: 4,
    inverse: 5,
    temperature: 6,
    sigmoid: 7,
  },
  function: FUNCTION,
  /** Of results of the last two, not every one is an element's. */
  tap: { word: 0, product: 1, exponential: 2, found: 3, turned: 4, gated: 5 },
  writes: { none: 0, words: 1, codes: 2 },
  into: { z: 0, x: 1 },
  base: { sum: 0, zero: 1, positive: 2, byte: 3 },
  term: {
    zero: 0,
    exponent: 1,
    length: 2,
    kept: 3,
    constant: 4,
    a: 5,
    c: 6,
    weights: 7,
    temperature: 8,
  },
  /** A code's bits without its sign; 16, or more than all where there is no ε; 16 if the sum has more than 32 bits; less than any magnitude. */
  variable: { bits: 0, epsilon: 1, high: 2, lowest: 3 },
  when: { always: 0, unlessZero: 1, ifNone: 2 },
  keep: { none: 0, sum: 1, half: 2 },
  put: { none: 0, first: 1, second: 2, third: 3 },
  length: { none: 0, peak: 1, seen: 2, inverse: 3 },
  descriptor: { b: 0, c: 1, segment: 2 },
  segment: { none: 0, next: 1, first: 2 },
  clear: { none: 0, zero: 1, lowest: 2 },
  describes: { none: 0, peak: 1, inverse: 2 },
} as const;

export type Choice<K extends keyof typeof CHOICE> = keyof (typeof CHOICE)[K] & string;

/** Cycles from an element's last read, or where it fires, to its result. */
export const TAPS = { word: 5, product: 12, exponential: 14, turned: 13, gated: 11, found: 10 } as const;

const choice = (name: keyof typeof CHOICE): UnsignedShape =>
  unsigned(indexWidth(Math.max(...Object.values(CHOICE[name])) + 1));

/** Fields of all words. */
const COMMON = {
  passes: bit,
  segments: bit,
  descriptor: choice("descriptor"),

  shift: bit,
  operand: choice("operand"),
  places: choice("places"),
  multiply: bit,
  left: choice("left"),
  right: choice("right"),
  addend: choice("addend"),
  subtract: choice("subtract"),
  factor: choice("factor"),
  looks: bit,
  function: choice("function"),
} as const;

/** Fields of passes alone; elsewhere what matters of them is 0. */
const PASS = {
  wraps: bit,
  span: unsigned(2),
  exponent: choice("exponent"),
  limit: choice("limit"),
  absolute: bit,
  read_y: bit,
  lagging: bit,
  captures: bit,
  moves: bit,
  fires: bit,
  tap: choice("tap"),
  keeps: bit,
  weighs: bit,
  gathers: bit,
  finds: bit,
  writes: choice("writes"),
  into: choice("into"),
  second: bit,
  sine: bit,
  single: bit,
  late_exponents: bit,
} as const;

/** Fields of all other words; in passes what matters of them is 0. */
const SCALAR = {
  draws: bit,
  ends: bit,
  adds: bit,
  base: choice("base"),
  term: choice("term"),
  constant: unsigned(4),
  variable: bit,
  minus: bit,
  when: choice("when"),
  keep: choice("keep"),
  put: choice("put"),
  length: choice("length"),
  marks_zero: bit,
  segment: choice("segment"),
  clear: choice("clear"),
  spread: bit,
  clears_sum: bit,
  rewinds: bit,
  describes: choice("describes"),
  token: bit,
} as const;

/** What a word of microcode says. */
export const WORD = { ...COMMON, ...PASS, ...SCALAR } as const;

/** The fields of these names alone: of the shape of a word, or of a word. */
export function only<Fields extends object, Name extends keyof Fields>(
  fields: Fields,
  names: readonly Name[],
): Pick<Fields, Name> {
  // Each of the names gets its field.
  return Object.fromEntries(names.map((name) => [name, fields[name]])) as Pick<Fields, Name>;
}

const widthOf = (fields: Readonly<Record<string, UnsignedShape>>): number =>
  Object.values(fields).reduce((sum, { width }) => sum + width, 0);
const OWN_BITS = Math.max(widthOf(PASS), widthOf(SCALAR));

/** A word as it is stored: a pass's fields and those of other words lie in one place. */
export const STORED = { ...COMMON, own: unsigned(OWN_BITS) } as const;

/** The fields of a stored word. */
export function read(stored: ValueOf<typeof STORED>): ValueOf<typeof WORD> {
  const { own, ...common } = stored;
  const { passes } = stored;
  const inPass = <T extends Unsigned>(field: T): Unsigned => field.and(passes.repeat(field.width));
  const elsewhere = <T extends Unsigned>(field: T): Unsigned => field.and(passes.not().repeat(field.width));
  const pass = unpack(PASS, own.truncate(widthOf(PASS)));
  const scalar = unpack(SCALAR, own.truncate(widthOf(SCALAR)));
  return {
    ...common,
    ...pass,
    exponent: inPass(pass.exponent),
    limit: inPass(pass.limit),
    absolute: inPass(pass.absolute),
    ...scalar,
    draws: elsewhere(scalar.draws),
    ends: elsewhere(scalar.ends),
    segment: elsewhere(scalar.segment),
    clear: elsewhere(scalar.clear),
    spread: elsewhere(scalar.spread),
    clears_sum: elsewhere(scalar.clears_sum),
    describes: elsewhere(scalar.describes),
    token: elsewhere(scalar.token),
  };
}

const flag = (value: boolean): 0 | 1 => (value ? 1 : 0);

/** A number for each field. */
type Numbers<Fields> = { readonly [Field in keyof Fields]: number };

const commonOf = (one: Step): Numbers<typeof COMMON> => ({
  passes: flag(one.flow === "pass"),
  segments: flag(one.segments),
  descriptor: CHOICE.descriptor[one.descriptor],
  shift: flag(one.shift),
  operand: CHOICE.operand[one.operand],
  places: CHOICE.places[one.places],
  multiply: flag(one.multiply),
  left: CHOICE.left[one.left],
  right: CHOICE.right[one.right],
  addend: CHOICE.addend[one.addend],
  subtract: CHOICE.subtract[one.subtract],
  factor: CHOICE.factor[one.factor],
  looks: flag(one.looks),
  function: CHOICE.function[one.function],
});

const passOf = (one: Step): Numbers<typeof PASS> => ({
  wraps: flag(one.wraps),
  span: Math.log2(one.span),
  exponent: CHOICE.exponent[one.exponent],
  limit: CHOICE.limit[one.limit],
  absolute: flag(one.absolute),
  read_y: flag(one.readY),
  lagging: flag(one.lagging),
  captures: flag(one.captures),
  moves: flag(one.moves),
  fires: flag(one.fires),
  tap: CHOICE.tap[one.tap],
  keeps: flag(one.keeps),
  weighs: flag(one.weighs),
  gathers: flag(one.adds),
  finds: flag(one.finds),
  writes: CHOICE.writes[one.writes],
  into: CHOICE.into[one.into],
  second: flag(one.second),
  sine: flag(one.sine),
  single: flag(one.single),
  late_exponents: flag(one.lateExponents),
});

const scalarOf = (one: Step): Numbers<typeof SCALAR> => ({
  draws: flag(one.flow === "draw"),
  ends: flag(one.flow === "end"),
  adds: flag(one.adds),
  base: CHOICE.base[one.base],
  term: CHOICE.term[one.term],
  constant: typeof one.constant === "number" ? one.constant & 15 : CHOICE.variable[one.constant],
  variable: flag(typeof one.constant !== "number"),
  minus: flag(one.minus),
  when: CHOICE.when[one.when],
  keep: CHOICE.keep[one.keep],
  put: CHOICE.put[one.put],
  length: CHOICE.length[one.length],
  marks_zero: flag(one.marksZero),
  segment: CHOICE.segment[one.segment],
  clear: CHOICE.clear[one.clear],
  spread: flag(one.spread),
  clears_sum: flag(one.clearsSum),
  rewinds: flag(one.rewinds),
  describes: CHOICE.describes[one.describes],
  token: flag(one.token),
});

/** Numbers side by side, the first in the lowest bits. */
function packed(
  fields: Readonly<Record<string, UnsignedShape>>,
  numbers: Readonly<Record<string, number>>,
): bigint {
  let bits = 0n;
  let low = 0;
  for (const [name, { width }] of Object.entries(fields)) {
    bits |= BigInt(numbers[name] ?? 0) << BigInt(low);
    low += width;
  }
  return bits;
}

const storedOf = (one: Step): NumbersOf<typeof STORED> => ({
  ...commonOf(one),
  own: one.flow === "pass" ? packed(PASS, passOf(one)) : packed(SCALAR, scalarOf(one)),
});

export const WORD_COUNT = 256;
export const ADDRESS_BITS = 8;

export const microcode = (): readonly NumbersOf<typeof STORED>[] => PROGRAM.map(storedOf);
