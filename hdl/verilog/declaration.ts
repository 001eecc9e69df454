import type { NumberType } from "../builder/graph.ts";
import { type SourceLocation, sourceText, UNKNOWN_SOURCE } from "../builder/source.ts";
import { aligned, lines } from "./layout.ts";
import type { Signal, Signals } from "./signals.ts";

/** A signal's declaration: `reg signed [7:0] sum = 8'sd0;`. */
export interface Declaration {
  /** What stands before it: `wire`, `output reg` ... */
  readonly kind: string;
  readonly signal: Pick<Signal, "name" | "type">;
  /** What stands after the name, such as `= 8'd0`. */
  readonly rest?: string;
  readonly source?: SourceLocation;
  /** `rest` stands right behind the name, not in a column. */
  readonly attached?: boolean;
  /** Somebody reads it whom the module does not know. */
  readonly public?: boolean;
  /** What begins here, such as a group of ports. */
  readonly heading?: string;
}

const rangeOf = ({ width }: NumberType): string => (width === 1 ? "" : `[${width - 1}:0]`);

/** Declarations under each other, with the source line of each, and lint comments around what nobody reads. */
export function declarations(
  all: readonly Declaration[],
  signals: Signals,
  options: { readonly sources: boolean; readonly separator?: string },
): string[] {
  const end = (i: number): string =>
    options.separator === undefined ? ";" : i < all.length - 1 ? options.separator : "";
  const rows = aligned(
    all.map(({ kind, signal: { name, type }, rest = "", attached = false }, i) => {
      const before = [kind, type.signed ? "signed" : "", rangeOf(type)];
      if (rest === "") return [...before, name + end(i)];
      return attached ? [...before, `${name} ${rest}${end(i)}`] : [...before, name, rest + end(i)];
    }),
  );
  return lines(
    all.map((one, i) => {
      const { source = UNKNOWN_SOURCE } = one;
      return {
        text: rows[i] ?? "",
        unread: one.public !== true && !signals.isUsed(one.signal),
        ...(one.heading === undefined ? {} : { heading: one.heading }),
        ...(options.sources && source.file !== "" ? { remark: sourceText(source) } : {}),
      };
    }),
  );
}
