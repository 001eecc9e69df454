import type { SourceLocation } from "./source.ts";

/**
 * The circuit as data: a word-level graph, one for each module. The Verilog writer, the compiled simulation and the
 * interpreter read nothing else.
 *
 * Every node stands for an integer, kept as its type's low bits. Operators are exact on integers: their type is wide
 * enough for every result (`operators.ts`), and only `convert` may lose something.
 */
export interface NumberType {
  /** Bits, at least 1. */
  readonly width: number;
  /** Two's complement if true. */
  readonly signed: boolean;
}

interface Typed {
  readonly type: NumberType;
}

/** Something that a person has named, with the place where. */
interface Named {
  readonly name: string;
  readonly source: SourceLocation;
}

export type Node = Leaf | Operation;

/** Nodes that begin or end a combinational path, and wires, which only name one. */
export type Leaf = Constant | Input | Wire | Register | ReadPort | InstanceOutput;

export interface Constant extends Typed {
  readonly kind: "constant";
  /** Within the type's range. */
  readonly value: bigint;
}

export interface Input extends Typed, Named {
  readonly kind: "input";
  /** Whose clock the driver follows; null: of no clock. */
  readonly domain: Domain | null;
}

/** A name for a value. Also a module's outputs, and the inside view of an inout's pad. */
export interface Wire extends Typed, Named {
  readonly kind: "wire";
  /** Has the wire's type. Set when the module closes. */
  driver: Node;
}

export interface Register extends Typed, Named {
  readonly kind: "register";
  /** Value after the next clock edge; has the register's type. Holding is a path on which it is the register itself. Set when the module closes. */
  next: Node;
  /** Value that the domain's reset gives, synchronously, whatever `next` says; null: not reset. */
  readonly reset: bigint | null;
  /** Value at power-up; null: anything. */
  readonly initial: bigint | null;
  readonly domain: Domain;
  /** Takes values of other domains on purpose (a synchroniser). */
  readonly crossing: boolean;
  /** Names of its values, for a state machine. */
  readonly labels: readonly string[] | null;
}

/** Data that a memory gave for the address of the cycle before. */
export interface ReadPort extends Typed {
  readonly kind: "read";
  readonly memory: Memory;
  readonly name: string;
  readonly source: SourceLocation;
  /** Addresses beyond the memory's depth give zero. */
  readonly address: Node;
  /** Where it is 0, the data of the last read stay; null: reads every cycle. */
  readonly enable: Node | null;
  readonly domain: Domain;
}

export interface InstanceOutput extends Typed {
  readonly kind: "instance-output";
  readonly instance: Instance;
  /** Name of the instantiated module's output port. */
  readonly port: string;
}

export type Operation =
  | Arithmetic
  | Bitwise
  | Comparison
  | Not
  | Shift
  | Reduction
  | Mux
  | Select
  | Concat
  | Slice
  | Convert;

/** Exact. Both operands are signed or both unsigned, of any width; so is the result, but `subtract` is always signed. */
export interface Arithmetic extends Typed {
  readonly kind: "add" | "subtract" | "multiply";
  readonly left: Node;
  readonly right: Node;
}

/** Both operands have the result's type. */
export interface Bitwise extends Typed {
  readonly kind: "and" | "or" | "xor";
  readonly left: Node;
  readonly right: Node;
}

/** Of two integers of the same signedness, of any width; one unsigned bit. */
export interface Comparison extends Typed {
  readonly kind: "equal" | "less";
  readonly left: Node;
  readonly right: Node;
}

export interface Not extends Typed {
  readonly kind: "not";
  readonly value: Node;
}

/** Times 2^amount, exact; or divided by 2^amount, rounded down (of negative numbers too). The amount is unsigned. */
export interface Shift extends Typed {
  readonly kind: "shift-left" | "shift-right";
  readonly value: Node;
  readonly amount: Node;
}

/** All bits (any bit, an odd number of bits) set; one unsigned bit. */
export interface Reduction extends Typed {
  readonly kind: "all" | "any" | "parity";
  readonly value: Node;
}

/** `condition` is one unsigned bit; both cases have the result's type. */
export interface Mux extends Typed {
  readonly kind: "mux";
  readonly condition: Node;
  readonly then: Node;
  readonly otherwise: Node;
}

/** The case that `index` (unsigned) counts; the last one for all beyond. Cases have the result's type; at least one. */
export interface Select extends Typed {
  readonly kind: "select";
  readonly index: Node;
  readonly cases: readonly Node[];
}

/** Bits side by side, the first part in the highest places. Unsigned. */
export interface Concat extends Typed {
  readonly kind: "concat";
  readonly parts: readonly Node[];
}

/** Bits `low` to `low + width - 1` of a value. Unsigned. */
export interface Slice extends Typed {
  readonly kind: "slice";
  readonly value: Node;
  readonly low: number;
}

/** The integer taken modulo 2^width into the type's range: extends, truncates or changes the sign. */
export interface Convert extends Typed {
  readonly kind: "convert";
  readonly value: Node;
}

/**
 * What a read gives of a word that is written at the same edge of its own clock: the old one, or nothing that can be used. So
 * that simulations show who uses it, that is then the old word with all its bits inverted, whatever a mask lets through.
 */
export type Collisions = "old" | "undefined";

/** Words of `type`, read and written at clock edges; a read gives what stood there before the edge. */
export interface Memory extends Typed, Named {
  readonly kind: "memory";
  readonly depth: number;
  readonly collisions: Collisions;
  /** At power-up, as values of `type`; the words beyond its end are zero. null: anything. */
  readonly initial: readonly bigint[] | null;
  readonly reads: readonly ReadPort[];
  /** Of two writes to one word in a cycle, the later port wins. */
  readonly writes: readonly WritePort[];
}

export interface WritePort {
  readonly source: SourceLocation;
  /** Writes beyond the memory's depth do nothing. */
  readonly address: Node;
  /** Has the memory's type. */
  readonly data: Node;
  readonly enable: Node;
  /** One bit for each lane of the word, the lowest for the lowest bits; its width divides the word's. null: all. */
  readonly mask: Node | null;
  readonly domain: Domain;
}

/** Registers that share a clock edge, and a reset. A value: the same object means the same clock. */
export interface Domain {
  readonly name: string;
  /** Names of the ports that bring clock and reset in. */
  readonly clock: string;
  readonly reset: string;
  readonly edge: "rising" | "falling";
}

export interface Module {
  readonly kind: "module";
  readonly name: string;
  /** What a reader should know first; becomes a comment. */
  readonly description: string | null;
  readonly source: SourceLocation;
  /** In the order of declaration, as in all lists here. */
  readonly inputs: readonly Input[];
  readonly outputs: readonly Wire[];
  readonly inouts: readonly Inout[];
  /** Inner named values, without outputs. */
  readonly wires: readonly Wire[];
  readonly registers: readonly Register[];
  readonly memories: readonly Memory[];
  readonly instances: readonly Instance[];
  /** Domains whose clock comes in through a port; `resets` of them also bring a reset. */
  readonly domains: readonly Domain[];
  readonly resets: ReadonlySet<Domain>;
  /** Domains whose clock is made inside (by a primitive). */
  readonly derivedDomains: readonly DerivedDomain[];
}

export interface DerivedDomain {
  readonly domain: Domain;
  readonly clock: Node;
  readonly reset: Node | null;
}

/**
 * A bidirectional pin, connected to primitives only. A primitive's model with an inout `P` sees what stands on it as its input
 * `P`, and drives it by its outputs `P.out` and `P.enable`, if it has them (`readPad`, `drivePad`); these are no ports of the
 * cell.
 */
export interface Inout extends Named, Typed {
  readonly kind: "inout";
}

export interface Instance extends Named {
  readonly kind: "instance";
  readonly of: Module | Primitive;
  /** A value for each input port, of the port's type. */
  readonly inputs: ReadonlyMap<string, Node>;
  readonly outputs: ReadonlyMap<string, InstanceOutput>;
  readonly inouts: ReadonlyMap<string, Inout>;
  /** The parent's domain for each domain of the instantiated module and of its inputs. */
  readonly domains: ReadonlyMap<Domain, Domain>;
}

/** A cell that the part brings along: written as an instance of that cell, simulated as its model. */
export interface Primitive {
  readonly kind: "primitive";
  /** The vendor's name of the cell. */
  readonly name: string;
  /** Verilog literals by parameter name, such as `1'b1` or `"SIMPLE"`. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Behaviour. Its ports have the cell's names and widths; its clock ports are its domains' `clock`s. */
  readonly model: Module;
  /**
   * Clocks that the cell makes: its outputs, and their frequency, as a multiple of the model's own clock or in MHz.
   */
  readonly clocks: readonly PrimitiveClock[];
}

export interface PrimitiveClock {
  readonly output: string;
  readonly frequency:
    | { readonly kind: "ratio"; readonly multiply: number; readonly divide: number }
    | { readonly kind: "fixed"; readonly megahertz: number };
}
