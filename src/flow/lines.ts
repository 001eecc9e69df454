/** Cuts what comes in pieces into lines, and hands each on when it is whole. */
export class Lines {
  private readonly decoder = new TextDecoder();
  private readonly hear: (line: string) => void;
  private rest = "";

  constructor(hear: (line: string) => void) {
    this.hear = hear;
  }

  add(bytes: Uint8Array): void {
    const parts = (this.rest + this.decoder.decode(bytes, { stream: true })).split("\n");
    this.rest = parts.pop() ?? "";
    for (const line of parts) this.hear(line);
  }
}
