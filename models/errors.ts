/**
 * A person's mistake (a damaged file, an unknown name, a machine that does not fit), told in one sentence:
 * what is wrong, where, and what would be right. The command line prints the message alone and exits with 2.
 */
export class InputError extends Error {
  readonly exitCode = 2;

  constructor(message: string) {
    super(message);
    this.name = "InputError";
  }
}
