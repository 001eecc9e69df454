import { callerLocation, type SourceLocation, sourceText } from "./source.ts";

/** A mistake in a description of hardware: what is wrong, what would be right, and the user's line that says it. */
export class HardwareError extends Error {
  readonly source: SourceLocation;

  /** @param message what is wrong and what would be right, without the place */
  constructor(message: string, source: SourceLocation = callerLocation()) {
    super(`${message} (${sourceText(source)})`);
    this.name = "HardwareError";
    this.source = source;
  }
}
