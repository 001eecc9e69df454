/** Programs that come as packages, and run inside a tool process. */
export const PACKAGED_TOOLS = ["yosys", "nextpnr-ice40", "icepack", "iceunpack"] as const;
export type PackagedTool = (typeof PACKAGED_TOOLS)[number];

/** Programs of the flow; those that are no packages have to be on the PATH. */
export type Tool = PackagedTool | "nextpnr-ecp5" | "ecppack";

export const isPackaged = (tool: Tool): tool is PackagedTool => PACKAGED_TOOLS.some((one) => one === tool);

/** Names have no folders; a text is written as UTF-8. */
export type ToolFiles = Readonly<Record<string, string | Uint8Array>>;

/** One call of a program, as a shell would make it in an empty folder that holds `files`. */
export interface ToolRun {
  readonly tool: Tool;
  readonly args: readonly string[];
  readonly files: ToolFiles;
}

/** What a tool process sends back: lines that the program says, then its end. The log is all output as it came. */
export type ToolMessage =
  | { readonly kind: "said"; readonly line: string }
  | {
      readonly kind: "done";
      /** Files that the program made, without those it was given. */
      readonly files: Readonly<Record<string, Uint8Array>>;
      readonly log: string;
    }
  | { readonly kind: "failed"; readonly reason: string; readonly log: string };
