import { InputError } from "../../models/errors.ts";

/** What went wrong between host and device. */
export type LinkFailure =
  /** Nothing came back, however often it was asked. */
  | "silence"
  /** The device has no such command, or no time for it. */
  | "refused"
  /** The device says what cannot be. */
  | "nonsense"
  /** Program or model are made for another machine. */
  | "mismatch"
  /** The port cannot be used. */
  | "port";

/** A fault of the host link, in one sentence. */
export class LinkError extends InputError {
  readonly failure: LinkFailure;

  constructor(failure: LinkFailure, message: string) {
    super(message);
    this.name = "LinkError";
    this.failure = failure;
  }
}
