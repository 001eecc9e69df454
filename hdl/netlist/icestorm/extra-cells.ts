import type { Bit, NetlistValue } from "../json.ts";
import type { ExtraCell } from "./chip.ts";
import { type Design, flag } from "./design.ts";

/** Memories and multipliers outside of the fabric. */
const TYPES: Readonly<Record<string, { readonly type: string; readonly outputs: RegExp }>> = {
  MAC16: { type: "ICESTORM_DSP", outputs: /^(O_\d+|CO)$/ },
  SPRAM: { type: "ICESTORM_SPRAM", outputs: /^DATAOUT_\d+$/ },
};
/** Dedicated ways between multipliers, which are not used here. */
const CASCADES = { MAC16: ["ACCUMCI", "SIGNEXTIN"], SPRAM: [] } as const;

/** A cell outside of the fabric, where it is used. */
export function findExtraCell(cell: ExtraCell, design: Design): void {
  const { type, place, index } = cell;
  if (type !== "MAC16" && type !== "SPRAM") return;
  const kind = TYPES[type];
  if (kind === undefined) return;
  const { nets } = design.chip;
  const ports = [...cell.entries].filter(([, { place: at, name }]) => nets.at(at, name) !== null);
  const outputs = ports.filter(([port]) => kind.outputs.test(port));
  const used = outputs.filter(([, { place: at, name }]) => nets.isRead(at, name));
  if (used.length === 0) return;
  const instance = `${type} ${place} ${index}`;
  const driven = used.map(([port, { place: at, name }]): [string, Bit[]] => [
    port,
    design.drives(nets.at(at, name), instance),
  ]);
  const inputs = ports.filter(([port]) => !kind.outputs.test(port));
  design.add(
    instance,
    () => ({
      type: kind.type,
      parameters: type === "MAC16" ? parametersOf(cell, design) : {},
      connections: {
        ...Object.fromEntries(CASCADES[type].map((port) => [port, []])),
        ...Object.fromEntries(inputs.map(([port, { place: at, name }]) => [port, design.input(at, name)])),
        ...Object.fromEntries(outputs.map(([port]) => [port, []])),
        ...Object.fromEntries(driven),
      },
    }),
    outputs.map(([port]) => port),
  );
}

/** Entries that are bits of a tile; those called `NAME_0`, `NAME_1` are one word. */
export function parametersOf({ entries }: ExtraCell, { chip }: Design): Record<string, NetlistValue> {
  const words: Record<string, NetlistValue> = {};
  for (const [key, { place, name }] of entries) {
    const bit = ["IpConfig", "PLL"]
      .map((group) => `${group}.${name}`)
      .find((one) => chip.hasFunction(place, one));
    if (bit === undefined || chip.nets.at(place, name) !== null) continue;
    const set = chip.functionBits(place, bit).includes("1");
    const [, word = key, index] = /^(\w+)_(\d)$/.exec(key) ?? [];
    if (index === undefined || !entries.has(`${word}_0`)) words[key] = flag(set);
    else {
      const bits = String(words[word] ?? "").padStart(Number(index) + 1, "0");
      const at = bits.length - 1 - Number(index);
      words[word] = `${bits.slice(0, at)}${set ? "1" : "0"}${bits.slice(at + 1)}`;
    }
  }
  return words;
}
