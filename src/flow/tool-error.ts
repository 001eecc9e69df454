import type { Tool } from "./tool-protocol.ts";

/** A program of the FPGA flow refused its input or broke down. The message is its own first error. */
export class ToolError extends Error {
  readonly tool: Tool;
  /** The program's own error lines, without their mark; empty where it said nothing. */
  readonly errors: readonly string[];
  /** All that it wrote. */
  readonly log: string;

  constructor(tool: Tool, reason: string, log: string) {
    const errors = [...log.matchAll(/^(.*?)ERROR: (.*)$/gm)].map(([, place, text]) => `${place}${text}`);
    super(`${tool}: ${errors[0] ?? reason}`);
    this.name = "ToolError";
    this.tool = tool;
    this.errors = errors;
    this.log = log;
  }
}

/** A program was ended because it took too long. */
export class ToolTimeout extends ToolError {
  constructor(tool: Tool, seconds: number) {
    super(tool, `it was ended after ${seconds} s`, "");
    this.name = "ToolTimeout";
  }
}
