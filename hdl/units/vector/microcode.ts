import { bit, indexWidth, type NumbersOf, type UnsignedShape, unsigned } from "../../builder/index.ts";
import { CHOICE } from "./choices.ts";
import { PROGRAM } from "./program.ts";
import type { Step } from "./step.ts";

const choice = (name: keyof typeof CHOICE): UnsignedShape =>
  unsigned(indexWidth(Math.max(...Object.values(CHOICE[name])) + 1));

/** Fields of all words. */
const COMMON = {
  passes: bit,
  shift: bit,
  operand: choice("operand"),
  places: choice("places"),
  exponent: choice("exponent"),
  multiply: choice("multiply"),
  act: choice("act"),
} as const;

/** Fields of passes alone. `wide`: rounds of up to 4 words, or up to 8 of rotations; otherwise of 2, or of 1 where words are but read. */
export const PASS = {
  wraps: bit,
  wide: bit,
  cut: bit,
  read_y: bit,
  lagging: bit,
  captures: bit,
  moves: bit,
  fires: bit,
  tap: choice("tap"),
  writes: choice("writes"),
  second: bit,
  sine: bit,
} as const;

/** Fields of all other words, in the same place: `descriptor` in that of `sine`, as QUANTIZE's passes need its 0. */
export const SCALAR = {
  base: choice("base"),
  term: unsigned(5),
  minus: bit,
  keep: choice("keep"),
  put: choice("put"),
  length: choice("length"),
  descriptor: bit,
} as const;

type Fields = Readonly<Record<string, UnsignedShape>>;
type Numbers<F extends Fields> = { readonly [Field in keyof F]: number };

export const widthOf = (fields: Fields): number =>
  Object.values(fields).reduce((sum, { width }) => sum + width, 0);
const OWN_BITS = Math.max(widthOf(PASS), widthOf(SCALAR));

/** A word as it is stored, in two block RAMs. */
export const STORED = { ...COMMON, own: unsigned(OWN_BITS) } as const;

const CONSTANT = 16;

const flag = (value: boolean): 0 | 1 => (value ? 1 : 0);

const commonOf = (one: Step): Numbers<typeof COMMON> => ({
  passes: flag(one.passes),
  shift: flag(one.shift),
  operand: CHOICE.operand[one.operand],
  places: CHOICE.places[one.places],
  exponent: CHOICE.exponent[one.exponent],
  multiply: CHOICE.multiply[one.multiply],
  act: CHOICE.act[one.act],
});

const passOf = (one: Step): Numbers<typeof PASS> => ({
  wraps: flag(one.wraps),
  wide: flag(one.span > 2),
  cut: flag(one.cut),
  read_y: flag(one.readY),
  lagging: flag(one.lagging),
  captures: flag(one.captures),
  moves: flag(one.moves),
  fires: flag(one.fires),
  tap: CHOICE.tap[one.tap],
  writes: CHOICE.writes[one.writes],
  second: flag(one.second),
  sine: flag(one.sine),
});

const scalarOf = (one: Step): Numbers<typeof SCALAR> => ({
  descriptor: CHOICE.descriptor[one.descriptor],
  base: CHOICE.base[one.base],
  term: typeof one.term === "number" ? CONSTANT + (one.term % CONSTANT) : CHOICE.term[one.term],
  minus: flag(one.minus),
  keep: CHOICE.keep[one.keep],
  put: CHOICE.put[one.put],
  length: CHOICE.length[one.length],
});

/** Numbers side by side, the first in the lowest bits. */
function packed<F extends Fields>(fields: F, numbers: Numbers<F>): number {
  let bits = 0;
  let low = 0;
  for (const [name, { width }] of Object.entries(fields)) {
    bits += (numbers[name] ?? 0) * 2 ** low;
    low += width;
  }
  return bits;
}

/** Spans of rounds by what a word says of them, as `control.ts` has them. */
function spanSaid({ span, tap, writes }: Step): number {
  if (span > 2) return tap === "turned" ? 8 : 4;
  return tap === "word" && writes !== "words" ? 1 : 2;
}

/** @throws RangeError where a step says what a word cannot */
function storedOf(one: Step): NumbersOf<typeof STORED> {
  if (one.passes && spanSaid(one) !== one.span)
    throw new RangeError(`a pass with the tap ${one.tap} has ${spanSaid(one)} words, not ${one.span}`);
  return { ...commonOf(one), own: one.passes ? packed(PASS, passOf(one)) : packed(SCALAR, scalarOf(one)) };
}

export const WORD_COUNT = 256;
export const ADDRESS_BITS = 8;

export const microcode = (): readonly NumbersOf<typeof STORED>[] => PROGRAM.map(storedOf);
