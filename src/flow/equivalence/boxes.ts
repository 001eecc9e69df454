import type { Bit, NetlistCell, NetlistModule, NetlistValue } from "../../../hdl/netlist/json.ts";

/** Whether a cell is a block of the part, such as SB_MAC16 or SB_RAM40_4K: neither logic nor a flip-flop. */
export const isBox = ({ type }: NetlistCell): boolean => /^SB_(?!LUT4$|CARRY$|DFF)/.test(type);

/** A block that the design and the netlist both have. */
export interface BoxPair {
  readonly name: string;
  readonly gold: NetlistCell;
  readonly gate: NetlistCell;
}

/**
 * The netlist's blocks with those of the design; the design may have more of them, which synthesis left out.
 * @returns a sentence where the netlist has a block that is not the design's, or is set otherwise
 */
export function pairBoxes(gold: NetlistModule, gate: NetlistModule): readonly BoxPair[] | string {
  const pads = { gold: padsOf(gold), gate: padsOf(gate) };
  const pairs: BoxPair[] = [];
  for (const [name, cell] of Object.entries(gate.cells)) {
    if (!isBox(cell)) continue;
    const original = Object.hasOwn(gold.cells, name) ? gold.cells[name] : undefined;
    if (original?.type !== cell.type) return `the design has no ${cell.type} called ${name}`;
    const pair = { name, gold: original, gate: cell };
    const parameter = otherParameter(pair);
    if (parameter !== null)
      return `parameter ${parameter} of ${name} (${cell.type}) is another one than the design's`;
    const padPort = otherPad(pair, pads);
    if (padPort !== null) return `${padPort} of ${name} (${cell.type}) is at another pad than the design's`;
    pairs.push(pair);
  }
  return pairs;
}

function otherParameter({ gold, gate }: BoxPair): string | null {
  const names = new Set([...Object.keys(gold.parameters), ...Object.keys(gate.parameters)]);
  for (const name of names) if (plain(gold.parameters[name]) !== plain(gate.parameters[name])) return name;
  return null;
}

/** A word without leading zeros; anything else as it is. */
const plain = (value: NetlistValue | undefined): string => String(value).replace(/^0+(?=[01]+$)/, "");

/** Bits of pads, each as its port and place. */
function padsOf({ ports }: NetlistModule): ReadonlyMap<Bit, string> {
  const pads = new Map<Bit, string>();
  for (const [name, { direction, bits }] of Object.entries(ports))
    if (direction === "inout") for (const [i, bit] of bits.entries()) pads.set(bit, `${name}[${i}]`);
  return pads;
}

/** The first port in both directions that does not lead to the same pads. */
function otherPad(
  { gold, gate }: BoxPair,
  pads: Readonly<Record<"gold" | "gate", ReadonlyMap<Bit, string>>>,
): string | null {
  for (const [port, direction] of Object.entries(gate.port_directions)) {
    if (direction !== "inout") continue;
    const inGold = gold.connections[port]?.map((bit) => pads.gold.get(bit) ?? bit).join();
    const inGate = gate.connections[port]?.map((bit) => pads.gate.get(bit) ?? bit).join();
    if (inGold !== inGate) return port;
  }
  return null;
}
