import { collisionOf } from "../builder/collision.ts";
import type { Domain, Memory, Node, ReadPort } from "../builder/graph.ts";
import { BIT, literal as number, slice } from "../builder/operators.ts";
import type { Expressions } from "./expression.ts";
import { indented, wrapped } from "./layout.ts";
import { literal } from "./literal.ts";
import type { Signal } from "./signals.ts";
import type { Simplifier } from "./simplify.ts";
import { LEVEL, within } from "./text.ts";

/** A memory's ports with the conditions that Verilog has to be told. */
export interface MemoryPorts {
  readonly memory: Memory;
  readonly writes: readonly Write[];
  readonly reads: readonly Read[];
}

interface Write {
  readonly domain: Domain;
  /** Null: in every cycle. */
  readonly condition: Node | null;
  readonly address: Node;
  readonly lanes: readonly Lane[];
}

/** Bits of a word that are written together. */
interface Lane {
  readonly low: number;
  readonly width: number;
  /** Null: always. */
  readonly condition: Node | null;
  readonly data: Node;
}

interface Read {
  readonly port: ReadPort;
  readonly condition: Node | null;
  readonly address: Node;
  /** Where the address lies within the memory; null: everywhere. */
  readonly inside: Node | null;
  /** Where the word must not be used, because it is written at the same edge; null: nowhere. */
  readonly collision: Node | null;
}

export function memoryPorts(memory: Memory, simplifier: Simplifier): MemoryPorts {
  const simple = (node: Node): Node => simplifier.simplify(node);
  const unlessNever = (node: Node | null): Node | null => {
    const condition = node === null ? null : simple(node);
    return isNever(condition) ? null : condition;
  };
  const { depth, type } = memory;
  const needed = indexWidth(depth);
  const inside = (address: Node): Node => {
    const end = number(depth, false);
    return simple({ kind: "less", type: BIT, left: address, right: end });
  };
  const writes = memory.writes.flatMap(({ address, data, enable, mask, domain }): Write[] => {
    // Verilog ignores writes beyond the last word, as far as the index reaches and is no constant; Yosys 0.55 does not
    // where there is one word only.
    const reaches = inside(address);
    const asked = depth === 1 || address.type.width > needed || reaches.kind === "constant";
    const condition = asked
      ? simple({ kind: "and", type: BIT, left: enable, right: reaches })
      : simple(enable);
    if (isNever(condition)) return [];
    const count = mask?.type.width ?? 1;
    const width = type.width / count;
    const lanes = Array.from({ length: count }, (_, i): Lane => {
      const low = i * width;
      const lane = simple(count === 1 ? data : slice(data, low + width - 1, low));
      const asked = mask === null ? null : unlessAlways(simple(slice(mask, i, i)));
      return { low, width, data: lane, condition: asked };
    }).filter((lane) => !isNever(lane.condition));
    if (lanes.length === 0) return [];
    return [{ domain, condition: unlessAlways(condition), address: simple(address), lanes }];
  });
  const reads = memory.reads.map(
    (port): Read => ({
      port,
      condition: port.enable === null ? null : unlessAlways(simple(port.enable)),
      address: simple(port.address),
      inside: unlessAlways(inside(port.address)),
      collision: memory.collisions === "old" ? null : unlessNever(collisionOf(memory, port)),
    }),
  );
  return { memory, writes, reads };
}

export const isNever = (condition: Node | null): boolean =>
  condition?.kind === "constant" && condition.value === 0n;

const unlessAlways = (condition: Node): Node | null =>
  condition.kind === "constant" && condition.value === 1n ? null : condition;

/** Bits of an index into so many words. */
const indexWidth = (depth: number): number => Math.max(1, (depth - 1).toString(2).length);

/** The same ports with other nodes. */
export function mapMemory({ memory, writes, reads }: MemoryPorts, image: (node: Node) => Node): MemoryPorts {
  const maybe = (node: Node | null): Node | null => (node === null ? null : image(node));
  return {
    memory,
    writes: writes.map((write) => ({
      ...write,
      condition: maybe(write.condition),
      address: image(write.address),
      lanes: write.lanes.map((lane) => ({
        ...lane,
        condition: maybe(lane.condition),
        data: image(lane.data),
      })),
    })),
    reads: reads.map((read) => ({
      ...read,
      condition: maybe(read.condition),
      address: image(read.address),
      inside: maybe(read.inside),
      collision: maybe(read.collision),
    })),
  };
}

/** Everything that a memory takes, with a name for it. */
export function* memoryNodes({ memory, writes, reads }: MemoryPorts): Generator<readonly [Node, string]> {
  for (const { condition, address, lanes } of writes) {
    if (condition !== null) yield [condition, `${memory.name}_write`];
    yield [address, `${memory.name}_write_address`];
    for (const lane of lanes) {
      yield [lane.data, `${memory.name}_write_data`];
      if (lane.condition !== null) yield [lane.condition, `${memory.name}_write_mask`];
    }
  }
  for (const { port, condition, address, inside, collision } of reads) {
    if (condition !== null) yield [condition, `${port.name}_enable`];
    yield [address, `${port.name}_address`];
    if (inside !== null) yield [inside, `${port.name}_inside`];
    if (collision !== null) yield [collision, `${port.name}_collision`];
  }
}

/**
 * Always blocks, one for each clock edge. A read gives the old data because assignments do not block; of two writes to
 * a word the later one stands later. What must not be used is shown to be wrong, in simulations only.
 * @param edgeOf what a domain's blocks wait for: `posedge clock`
 */
export function memoryBlocks(
  { memory, writes, reads }: MemoryPorts,
  array: string,
  expressions: Expressions,
  signalOf: (node: Node) => Signal,
  edgeOf: (domain: Domain) => string,
): string[][] {
  const needed = indexWidth(memory.depth);
  const blocks = new Map<string, string[]>();
  const add = (domain: Domain, lines: readonly string[]): void => {
    const edge = edgeOf(domain);
    blocks.set(edge, [...(blocks.get(edge) ?? []), ...lines]);
  };
  const wordAt = (address: Node): string => `${array}[${expressions.index(address, needed)}]`;
  // Yosys takes a memory for registers where every write names its word.
  const writtenAt = (address: Node): string =>
    address.kind === "constant" ? `${array}[${expressions.named(address, needed).text}]` : wordAt(address);
  for (const { domain, condition, address, lanes } of writes) {
    const word = writtenAt(address);
    const [only] = lanes;
    if (only !== undefined && only.width === memory.type.width) {
      const value = expressions.assigned(only.data, only.width, null).text;
      add(domain, guarded([condition, only.condition], expressions, wrapped(`${word} <= ${value};`)));
      continue;
    }
    const lines = lanes.flatMap(({ low, width, condition: lane, data }) => {
      const bits = width === 1 ? `[${low}]` : `[${low + width - 1}:${low}]`;
      const value = expressions.assigned(data, width, null).text;
      return guarded([lane], expressions, wrapped(`${word}${bits} <= ${value};`));
    });
    add(domain, guarded([condition], expressions, lines));
  }
  for (const { port, condition, address, inside, collision } of reads) {
    if (isNever(condition)) continue;
    const zero = literal(0n, memory.type);
    const value = isNever(inside)
      ? zero
      : inside === null
        ? wordAt(address)
        : `${expressions.alone(inside).text} ? ${wordAt(address)} : ${zero}`;
    const { name } = signalOf(port);
    add(port.domain, guarded([condition], expressions, wrapped(`${name} <= ${value};`)));
    if (collision === null) continue;
    const unusable = inside === null || isNever(inside) ? `~${value}` : `~(${value})`;
    add(port.domain, [
      "`ifndef SYNTHESIS",
      ...guarded([condition, collision], expressions, wrapped(`${name} <= ${unusable};`)),
      "`endif",
    ]);
  }
  return [...blocks].map(([edge, lines]) => [`always @(${edge}) begin`, ...indented(lines), "end"]);
}

function guarded(
  conditions: readonly (Node | null)[],
  expressions: Expressions,
  lines: readonly string[],
): readonly string[] {
  const texts = conditions.flatMap((condition) => (condition === null ? [] : [expressions.alone(condition)]));
  if (texts.length === 0) return lines;
  const all =
    texts.length === 1 ? texts.map(({ text }) => text) : texts.map((text) => within(text, LEVEL.and, "&&"));
  const head = `if (${all.join(" && ")})`;
  const [only] = lines;
  if (lines.length === 1 && only !== undefined && head.length + only.length < 90) return [`${head} ${only}`];
  return [...wrapped(`${head} begin`), ...indented(lines), "end"];
}
