import { OPERATIONS } from "../../../src/compile/instruction.ts";
import { bit, concat, type Unsigned, unpack, unsigned, type ValueOf } from "../../builder/index.ts";
import { CHOICE } from "./choices.ts";
import { PASS, SCALAR, STORED, widthOf } from "./microcode.ts";

/** What a word of microcode means in the instruction at hand, and what names of its choices stand for. */
export const CONTROL = {
  ...only(STORED, ["passes", "shift", "operand", "places", "exponent"]),
  ...only(PASS, ["wraps", "read_y", "lagging", "captures", "moves", "fires", "tap", "second", "sine"]),
  ...SCALAR,
  /** The shifter's and the multiplier's. */
  limit: unsigned(2),
  multiplies: bit,
  left: unsigned(2),
  right: unsigned(2),
  addend: unsigned(2),
  subtracts: bit,
  subtracts_negative: bit,
  subtracts_signs: bit,
  function: unsigned(2),
  absolute: bit,
  /** Acts. */
  looks: bit,
  takes_factor: bit,
  takes_sigmoid: bit,
  factor: unsigned(3),
  clears: bit,
  clears_to_lowest: bit,
  spreads: bit,
  adds: bit,
  next_segment: bit,
  marks_zero: bit,
  repeats: bit,
  draws: bit,
  if_none: bit,
  unless_zero: bit,
  ends: bit,
  /** Of ends. */
  with_inverse: bit,
  with_token: bit,
  /** Passes': a mask of the round's addresses, what becomes of results, and where. */
  round: unsigned(3),
  counts_second: bit,
  gathers: bit,
  weighs: bit,
  finds: bit,
  keeps: bit,
  writes_words: bit,
  writes_codes: bit,
  in_place: bit,
} as const;

export type Control = ValueOf<typeof CONTROL>;

/** The fields of these names alone: of the shape of control, or of control itself. */
export function only<Fields extends object, Name extends keyof Fields>(
  fields: Fields,
  names: readonly Name[],
): Pick<Fields, Name> {
  // Each of the names gets its field.
  return Object.fromEntries(names.map((name) => [name, fields[name]])) as Pick<Fields, Name>;
}

/** Whether an operation of MISC, by its lower four bits, is this one. */
export const isOperation = (operation: Unsigned, name: keyof typeof OPERATIONS): Unsigned =>
  operation.eq(OPERATIONS[name] & 15);

/** What a word says, to an instruction with these lower four bits of its operation. */
export function controlOf(stored: ValueOf<typeof STORED>, operation: Unsigned): Control {
  const { passes, act, multiply } = stored;
  const pass = unpack(PASS, stored.own.truncate(widthOf(PASS)));
  const scalar = unpack(SCALAR, stored.own.truncate(widthOf(SCALAR)));
  const is = (name: keyof typeof OPERATIONS): Unsigned => isOperation(operation, name);
  const acts = (name: keyof typeof CHOICE.act): Unsigned => act.eq(CHOICE.act[name]);
  const taps = (name: keyof typeof CHOICE.tap): Unsigned => pass.tap.eq(CHOICE.tap[name]);
  const multiplies = (name: keyof typeof CHOICE.multiply): Unsigned => multiply.eq(CHOICE.multiply[name]);
  const inPass = (field: Unsigned): Unsigned => field.and(passes.repeat(field.width));
  const looking = act.bits(4, 3).eq(CHOICE.act.look >> 3);
  const isGate = is("MISC.GATE");
  // Scores and logits are compared with their signs, and what is made of them takes their place.
  const inPlace = is("MISC.SOFTMAX").or(is("MISC.SAMPLE"));
  const codes = pass.writes.eq(CHOICE.writes.codes);
  const byFactor = multiplies("signed").or(multiplies("distance"));
  const raised = multiply.bit(3).and(multiply.bit(1).not());
  return {
    ...only(stored, ["passes", "shift", "operand", "places", "exponent"]),
    ...only(pass, ["wraps", "read_y", "lagging", "captures", "moves", "fires", "tap", "second", "sine"]),
    ...scalar,
    limit: concat(inPass(pass.cut), inPass(pass.cut.not().or(codes))),
    multiplies: multiply.any(),
    left: concat(raised.or(multiplies("distance")), multiplies("table").or(multiplies("distance"))),
    right: concat(multiply.bit(1).and(byFactor.not()), multiply.bit(0)),
    addend: concat(
      multiplies("table"),
      multiply
        .bit(3)
        .and(multiply.ne(CHOICE.multiply.raised))
        .and(multiply.ne(CHOICE.multiply.raisedFactor))
        .or(multiplies("angleMore")),
    ),
    subtracts: multiply.bit(3),
    subtracts_negative: multiplies("signed"),
    subtracts_signs: multiplies("magnitude"),
    function: concat(is("MISC.NORM").or(isGate), is("MISC.SOFTMAX").and(passes.not()).or(isGate)),
    absolute: passes.and(inPlace.not()),
    looks: looking,
    takes_factor: act.bits(4, 3).eq(CHOICE.act.result >> 3),
    takes_sigmoid: looking.and(act.bit(0)),
    factor: act.bits(2, 0),
    clears: acts("clear").or(acts("clearToLowest")),
    clears_to_lowest: act.bit(1),
    spreads: acts("spread"),
    adds: acts("add"),
    next_segment: acts("nextSegment"),
    marks_zero: acts("markZero"),
    repeats: acts("repeat"),
    draws: acts("draw"),
    if_none: acts("ifNone"),
    unless_zero: acts("unlessZero"),
    ends: act.bits(4, 2).eq(CHOICE.act.end >> 2),
    with_inverse: act.bit(0),
    with_token: act.bit(1),
    round: inPass(
      concat(pass.wide.and(taps("turned")), pass.wide, taps("word").not().or(pass.writes.bit(0))),
    ),
    counts_second: pass.tap.bit(2),
    gathers: taps("word").not(),
    weighs: taps("exponential"),
    finds: taps("found"),
    keeps: taps("exponential").or(taps("product").and(inPlace)).not(),
    writes_words: pass.writes.bit(0),
    writes_codes: codes,
    in_place: inPlace.and(codes.not()),
  };
}
