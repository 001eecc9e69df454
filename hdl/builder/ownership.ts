import type { Block, Draft } from "./context.ts";
import { HardwareError } from "./errors.ts";
import type { Node } from "./graph.ts";
import type { SourceLocation } from "./source.ts";
import { operandsOf, visitInOrder } from "./walk.ts";

/** @throws HardwareError where a module under construction uses a signal of another one, as closures of TypeScript can */
export function checkOwnership(draft: Draft): void {
  const own = new Set<object>([
    ...[draft.inputs, draft.outputs, draft.wires, draft.registers, draft.memories, draft.instances].flat(),
  ]);
  const checked = new Set<Node>();
  for (const [node, source] of usesOf(draft))
    visitInOrder(
      [node],
      (inner) => {
        checked.add(inner);
        const owned = ownerOf(inner);
        if (owned !== null && !own.has(owned.part))
          throw new HardwareError(
            `${owned.name} belongs to another module than ${draft.name}, which uses it; bring it in by an input`,
            source,
          );
      },
      // What a wire follows is assigned somewhere, and checked there.
      (inner) => (checked.has(inner) || inner.kind === "wire" ? [] : operandsOf(inner)),
    );
}

/** The part of a module that a leaf belongs to, and the leaf's name. */
function ownerOf(node: Node): { readonly part: object; readonly name: string } | null {
  switch (node.kind) {
    case "input":
    case "wire":
    case "register":
      return { part: node, name: `${node.kind} ${node.name}` };
    case "read":
      return { part: node.memory, name: `memory ${node.memory.name}` };
    case "instance-output":
      return { part: node.instance, name: `output ${node.port} of ${node.instance.name}` };
    default:
      return null;
  }
}

type Use = readonly [node: Node, source: SourceLocation];

/** Every value that the module uses, and where. */
function* usesOf(draft: Draft): Generator<Use> {
  yield* usesOfBlock(draft.declared);
  yield* usesOfBlock(draft.body);
  for (const [register, gate] of draft.gates) yield [gate, register.source];
  for (const { reads, writes } of draft.memories) {
    for (const { address, enable, source } of reads) yield* each([address, enable], source);
    for (const { address, data, enable, mask, source } of writes)
      yield* each([address, data, enable, mask], source);
  }
  for (const { inputs, source } of draft.instances) yield* each(inputs.values(), source);
  for (const { clock, reset } of draft.derivedDomains) yield* each([clock, reset], draft.source);
}

function* usesOfBlock(block: Block): Generator<Use> {
  for (const statement of block) {
    if (statement.kind === "assign") yield [statement.value, statement.source];
    else {
      for (const { condition, statements, source } of statement.cases) {
        yield [condition, source];
        yield* usesOfBlock(statements);
      }
      yield* usesOfBlock(statement.otherwise);
    }
  }
}

function* each(nodes: Iterable<Node | null>, source: SourceLocation): Generator<Use> {
  for (const node of nodes) if (node !== null) yield [node, source];
}
