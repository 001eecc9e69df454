import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Transport } from "../../src/host/transport.ts";

/** Pseudo terminals need Python. */
export const hasPseudoTerminals = spawnSync("python3", ["-c", "import pty"]).status === 0;

/** Puts a board's line on a pseudo terminal, so that other processes can open it as a serial port. */
export class BoardOnAPort {
  readonly path: string;
  private readonly process: ChildProcessWithoutNullStreams;
  private open = true;

  private constructor(path: string, process: ChildProcessWithoutNullStreams) {
    this.path = path;
    this.process = process;
  }

  static async start(board: Transport): Promise<BoardOnAPort> {
    const process = spawn("python3", [join(import.meta.dirname, "pseudo-terminal.py")]);
    const path = await new Promise<string>((resolve) =>
      process.stdout.once("data", (data: Buffer) => resolve(data.toString().trim())),
    );
    const port = new BoardOnAPort(path, process);
    void port.pass(board);
    return port;
  }

  stop(): void {
    this.open = false;
    this.process.stdin.end();
  }

  private async pass(board: Transport): Promise<void> {
    let sent: Buffer[] = [];
    this.process.stdout.on("data", (data: Buffer) => sent.push(data));
    while (this.open) {
      const bytes = Buffer.concat(sent);
      sent = [];
      await board.write(bytes);
      const back = await board.read(0.05);
      if (back.length > 0) this.process.stdin.write(back);
      else if (bytes.length === 0) await setTimeout(1);
    }
  }
}
