/** Programs that run inside a tool process. */
export type Tool = "yosys" | "nextpnr-ice40" | "icepack" | "iceunpack";

/** Names have no folders; a text is written as UTF-8. */
export type ToolFiles = Readonly<Record<string, string | Uint8Array>>;

/** One call of a program, as a shell would make it in an empty folder that holds `files`. */
export interface ToolRun {
  readonly tool: Tool;
  readonly args: readonly string[];
  readonly files: ToolFiles;
}

/** What a tool process sends back. The log is standard output and standard error as they came. */
export type ToolAnswer =
  | {
      readonly kind: "done";
      /** Files that the program made, without those it was given. */
      readonly files: Readonly<Record<string, Uint8Array>>;
      readonly log: string;
    }
  | { readonly kind: "failed"; readonly reason: string; readonly log: string };
