/** How tightly Verilog's operators bind. */
export const LEVEL = {
  ternary: 1,
  or: 2,
  and: 3,
  bitOr: 4,
  bitXor: 5,
  bitAnd: 6,
  equality: 7,
  relation: 8,
  shift: 9,
  sum: 10,
  product: 11,
  unary: 12,
  atom: 13,
} as const;

/**
 * A Verilog expression. Verilog computes most operators in a width and signedness that the surroundings give, so an
 * expression says what it needs of them.
 */
export interface Text {
  readonly text: string;
  readonly level: number;
  /** Its width where nothing around asks for more. */
  readonly width: number;
  /** Verilog takes it for signed. */
  readonly signed: boolean;
  /** Right only if everything that it is computed together with is signed, too. */
  readonly needsSigned: boolean;
  /** The parts of a concatenation. */
  readonly parts?: readonly string[];
  /** The choices of a `?:`, with what is left. */
  readonly choices?: {
    readonly arms: readonly (readonly [condition: string, value: string])[];
    readonly last: string;
  };
}

export const atom = (text: string, width: number, signed: boolean): Text => ({
  text,
  level: LEVEL.atom,
  width,
  signed,
  needsSigned: false,
});

/** One bit, as comparisons and logic give. */
export const bit = (text: string, level: number): Text => ({
  text,
  level,
  width: 1,
  signed: false,
  needsSigned: false,
});

/** Another text of the same kind. */
export const changed = ({ width, signed, needsSigned }: Text, text: string, level: number): Text => ({
  text,
  level,
  width,
  signed,
  needsSigned,
});

/** Computed on its own, whatever is around. */
export const asSigned = ({ text, width }: Text): Text => atom(`$signed(${text})`, width, true);
export const asUnsigned = ({ text, width }: Text): Text => atom(`$unsigned(${text})`, width, false);

/** Bits side by side; parts that are concatenations themselves are joined, copies counted. */
export function joined(parts: readonly Text[]): Text {
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  const texts = parts.flatMap((part) => part.parts ?? [part.text]);
  const runs: { readonly text: string; count: number }[] = [];
  for (const text of texts) {
    const last = runs.at(-1);
    if (last?.text === text) last.count++;
    else runs.push({ text, count: 1 });
  }
  const inner = runs.flatMap(({ text, count }) =>
    count === 1 ? [text] : count === 2 ? [text, text] : [`{${count}{${text}}}`],
  );
  const [only] = inner;
  const text = inner.length === 1 && only?.startsWith("{") ? only : `{${inner.join(", ")}}`;
  return { ...atom(text, width, false), parts: inner };
}

/** In parentheses where a reader, or Verilog, would otherwise read it differently. */
export function within(inner: Text, outer: number, symbol?: string): string {
  const { text, level } = inner;
  if (level === LEVEL.atom) return text;
  const chained = level === outer && symbol !== undefined && CHAINS.has(symbol);
  return chained || (level > outer && !looselyMixed(inner, outer)) ? text : `(${text})`;
}

/** Operators of which a row needs no parentheses. */
const CHAINS: ReadonlySet<string> = new Set(["&&", "||", "&", "|", "^", "+"]);

/** Pairs whose order people forget, and a reduction that would stick to the operator before it. */
function looselyMixed({ text, level }: Text, outer: number): boolean {
  if (level === LEVEL.unary) return /^[&|^]/.test(text) && outer !== LEVEL.ternary;
  if (outer >= LEVEL.bitOr && outer <= LEVEL.bitAnd) return true;
  return (outer === LEVEL.or && level === LEVEL.and) || outer === LEVEL.shift;
}

/** `condition ? then : otherwise`; a choice in the place of `otherwise` makes a row of them. */
export function ternary(condition: Text, then: Text, otherwise: Text): Text {
  const choice = [within(condition, LEVEL.ternary), within(then, LEVEL.ternary)] as const;
  const { arms, last } = otherwise.choices ?? { arms: [], last: within(otherwise, LEVEL.ternary) };
  return {
    text: `${choice[0]} ? ${choice[1]} : ${otherwise.text}`,
    level: LEVEL.ternary,
    width: Math.max(then.width, otherwise.width),
    signed: then.signed && otherwise.signed,
    needsSigned: then.needsSigned || otherwise.needsSigned,
    choices: { arms: [choice, ...arms], last },
  };
}
