import type { Bit, NetlistValue } from "../json.ts";
import { placeOf, type Tile } from "./configuration.ts";
import type { Design } from "./design.ts";
import { flag } from "./design.ts";
import { nameOf } from "./logic-cells.ts";

const WORDS = { RDATA: 16, WDATA: 16, MASK: 16, RADDR: 11, WADDR: 11 } as const;
const BITS = ["RCLK", "RCLKE", "RE", "WCLK", "WCLKE", "WE"] as const;

/** The block RAM of a lower tile, whose ports are in it and in the one above. */
export function findMemory({ x, y }: Tile, design: Design): void {
  const { nets, functionBits } = design.chip;
  const places = [placeOf(x, y), placeOf(x, y + 1)];
  const [lower = "", upper = ""] = places;
  const placeOfPort = (port: string): string =>
    places.find((place) => nets.at(place, `ram/${port}`) !== null) ?? lower;
  const numbered = (word: keyof typeof WORDS): string[] =>
    Array.from({ length: WORDS[word] }, (_, i) => `${word}_${i}`);
  const outputs = numbered("RDATA").filter((port) => nets.isRead(placeOfPort(port), `ram/${port}`));
  if (outputs.length === 0) return;
  const name = `${nameOf(x, y)}/ram`;
  const driven = outputs.map((port): [string, Bit[]] => [
    port,
    design.drives(nets.at(placeOfPort(port), `ram/${port}`), name),
  ]);
  const isSet = (place: string, what: string): boolean => functionBits(place, what).includes("1");
  const mode = (high: number, low: number): NetlistValue =>
    `${functionBits(upper, `RamConfig.CBIT_${high}`)}${functionBits(upper, `RamConfig.CBIT_${low}`)}`;
  const contents = design.configuration.memories.get(lower) ?? [];
  design.add(
    name,
    () => ({
      type: "ICESTORM_RAM",
      parameters: {
        WRITE_MODE: mode(1, 0),
        READ_MODE: mode(3, 2),
        NEG_CLK_R: flag(isSet(placeOfPort("RCLK"), "NegClk")),
        NEG_CLK_W: flag(isSet(placeOfPort("WCLK"), "NegClk")),
        ...Object.fromEntries(
          contents.map((line, i) => [`INIT_${i.toString(16).toUpperCase()}`, binary(line)]),
        ),
      },
      connections: {
        ...Object.fromEntries(
          [
            ...numbered("WDATA"),
            ...numbered("MASK"),
            ...numbered("RADDR"),
            ...numbered("WADDR"),
            ...BITS,
          ].map((port) => [port, design.input(placeOfPort(port), `ram/${port}`)]),
        ),
        ...Object.fromEntries(numbered("RDATA").map((port) => [port, []])),
        ...Object.fromEntries(driven),
      },
    }),
    numbered("RDATA"),
  );
}

/** 256 bits of a line of hexadecimal digits. */
const binary = (line: string): string => BigInt(`0x${line}`).toString(2).padStart(256, "0");
