/**
 * Logic of single bits as an and-inverter graph with carry chains, each function once. A literal is twice a node's number,
 * plus one where its value is inverted.
 */
export type Literal = number;

export const FALSE: Literal = 0;
export const TRUE: Literal = 1;

export const not = (a: Literal): Literal => a ^ 1;
export const nodeOf = (a: Literal): number => a >> 1;
export const isInverted = (a: Literal): boolean => (a & 1) === 1;
export const isFixed = (a: Literal): boolean => a < 2;

/** A multiplexer, as the literal of its output stands for it. */
export interface Choice {
  readonly condition: Literal;
  readonly then: Literal;
  readonly otherwise: Literal;
}

export const NODE = { leaf: 0, and: 1, sum: 2, carry: 3 } as const;

/** More literals than a graph may have; two of them make a key that is exact as a number. */
const MOST_LITERALS = 2 ** 26;

export class LogicGraph {
  /** Of each node; node 0 is the constant, and a leaf. */
  readonly kinds: number[] = [NODE.leaf];
  readonly first: Literal[] = [FALSE];
  readonly second: Literal[] = [FALSE];
  /** What carries come in with. */
  readonly third: Literal[] = [FALSE];
  /** Who made each node first. */
  readonly owners: number[] = [0];
  /** Counted as the owner of what is made. */
  owner = 0;
  private readonly known = new Map<number, number>();
  private readonly chains = new Map<string, number>();
  private readonly choices = new Map<Literal, Choice>();

  get size(): number {
    return this.kinds.length;
  }

  leaf(): Literal {
    return this.node(NODE.leaf, FALSE, FALSE, FALSE);
  }

  and(a: Literal, b: Literal): Literal {
    if (a > b) return this.and(b, a);
    if (a === FALSE || a === not(b)) return FALSE;
    if (a === TRUE || a === b) return b;
    const key = a * MOST_LITERALS + b;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const made = this.node(NODE.and, a, b, FALSE);
    this.known.set(key, made);
    return made;
  }

  or(a: Literal, b: Literal): Literal {
    return not(this.and(not(a), not(b)));
  }

  xor(a: Literal, b: Literal): Literal {
    const inverted = (a ^ b) & 1;
    const [x, y] = [a & ~1, b & ~1];
    return this.or(this.and(x, not(y)), this.and(not(x), y)) ^ inverted;
  }

  mux(condition: Literal, then: Literal, otherwise: Literal): Literal {
    if (isInverted(condition)) return this.mux(not(condition), otherwise, then);
    if (isFixed(condition) || then === otherwise) return otherwise;
    if (then === not(otherwise)) return this.xor(condition, otherwise);
    const made = this.or(this.and(condition, then), this.and(not(condition), otherwise));
    // Where it turned out to be something older, following its choices would not end.
    if (nodeOf(made) > Math.max(nodeOf(then), nodeOf(otherwise)))
      this.choices.set(made, { condition, then, otherwise });
    return made;
  }

  /** The multiplexer whose output this is; null: it is none. */
  choiceOf(a: Literal): Choice | null {
    return this.choices.get(a) ?? null;
  }

  /** All of them, in a tree. */
  all(bits: readonly Literal[]): Literal {
    return this.tree(bits, TRUE, (a, b) => this.and(a, b));
  }

  any(bits: readonly Literal[]): Literal {
    return not(this.all(bits.map(not)));
  }

  parity(bits: readonly Literal[]): Literal {
    return this.tree(bits, FALSE, (a, b) => this.xor(a, b));
  }

  /** A sum's bit in a carry chain: a look-up table beside its carry, which is given for `carry`. */
  sum(a: Literal, b: Literal, carry: Literal): Literal {
    if (isFixed(carry) || (isFixed(a) && isFixed(b))) return this.xor(this.xor(a, b), carry);
    return this.chain(NODE.sum, a, b, carry);
  }

  /** The next carry of a chain: a hard cell, but where it is a constant or one of its inputs. */
  carry(a: Literal, b: Literal, carry: Literal): Literal {
    if (a === b) return a;
    if (a === not(b)) return carry;
    if (isFixed(a) && isFixed(carry)) return a === carry ? a : b;
    if (isFixed(b) && isFixed(carry)) return b === carry ? b : a;
    return this.chain(NODE.carry, a, b, carry);
  }

  private chain(kind: number, a: Literal, b: Literal, carry: Literal): Literal {
    const key = `${kind} ${Math.min(a, b)} ${Math.max(a, b)} ${carry}`;
    const known = this.chains.get(key);
    if (known !== undefined) return known;
    const made = this.node(kind, a, b, carry);
    this.chains.set(key, made);
    return made;
  }

  private node(kind: number, a: Literal, b: Literal, c: Literal): Literal {
    const made = 2 * this.kinds.length;
    if (made >= MOST_LITERALS) throw new RangeError("the logic is too large to be estimated");
    this.kinds.push(kind);
    this.first.push(a);
    this.second.push(b);
    this.third.push(c);
    this.owners.push(this.owner);
    return made;
  }

  private tree(bits: readonly Literal[], none: Literal, join: (a: Literal, b: Literal) => Literal): Literal {
    let level = bits;
    while (level.length > 1) {
      const next: Literal[] = [];
      for (let i = 0; i < level.length; i += 2) {
        const [a = none, b = none] = [level[i], level[i + 1]];
        next.push(join(a, b));
      }
      level = next;
    }
    return level[0] ?? none;
  }
}
