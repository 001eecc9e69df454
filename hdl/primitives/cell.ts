import { type Cell, type Domain, HardwareError } from "../builder/index.ts";

/** A Verilog literal of `width` bits. */
export const literal = (value: number | bigint, width: number): string =>
  `${width}'b${value.toString(2).padStart(width, "0")}`;

/** A Verilog string. */
export const text = (value: string): string => `"${value}"`;

/** The domain of a cell's clock port. None of these cells has a reset that comes with the clock. */
export const portDomain = (clock: string): Domain => ({
  name: clock,
  clock,
  reset: `${clock}_reset`,
  edge: "rising",
});

/**
 * An instance's `domains`: the clocks for a cell's clock ports, for those of them that this kind of the cell uses.
 * `instance("pin", cell, inputs, { pads, domains: cellClocks(cell, { INPUT_CLK: SYNC, OUTPUT_CLK: fast }) })`
 */
export function cellClocks(
  { model }: Cell,
  clocks: Readonly<Record<string, Domain>>,
): ReadonlyMap<Domain, Domain> {
  const used = new Set([...model.domains, ...model.inputs.flatMap(({ domain }) => domain ?? [])]);
  return new Map(
    [...used].flatMap((domain) => {
      const clock = clocks[domain.clock];
      return clock === undefined ? [] : [[domain, clock]];
    }),
  );
}

/** @throws HardwareError unless `value` is a whole number in this range */
export function demandRange(what: string, value: number, lowest: number, highest: number): void {
  if (!Number.isInteger(value) || value < lowest || value > highest)
    throw new HardwareError(`${what} is ${value}; it is a whole number from ${lowest} to ${highest}`);
}

/** @throws HardwareError unless `value` is one of `choices`, which it returns */
export function demandChoice<T>(what: string, value: unknown, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new HardwareError(`${what} is ${String(value)}; it is one of ${choices.join(", ")}`);
}
