import type { FlatSignal } from "./flat.ts";

/** Which signals stay readable: `all`, or paths and scopes such as `core.alu.*`, `core.pc`, `uart`, with `*` and `**` for any name and any path. */
export type Observed = "all" | readonly string[];

/** A signal is observed where its path, or a scope around it, is named. */
export function observer(observed: Observed): (signal: Pick<FlatSignal, "path">) => boolean {
  if (observed === "all") return () => true;
  const patterns = observed.map(
    (glob) =>
      new RegExp(
        `^${glob
          .split("**")
          .map((part) => part.split("*").map(literally).join("[^.]*"))
          .join(".*")}(\\.|$)`,
      ),
  );
  return ({ path }) => {
    const text = path.join(".");
    return patterns.some((pattern) => pattern.test(text));
  };
}

const literally = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
