import { statSync } from "node:fs";
import type { BindingPortInterface } from "@serialport/bindings-cpp";
import { LinkError } from "./errors.ts";
import type { Transport } from "./transport.ts";

const CHUNK_BYTES = 4096;

/** A serial port of this computer: 8 data bits, no parity, 1 stop bit, no flow control. */
export class SerialPort implements Transport {
  readonly baud: number;
  private readonly path: string;
  private readonly port: BindingPortInterface;
  private readonly received: Uint8Array[] = [];
  private failure: LinkError | null = null;
  /** Who waits for bytes. */
  private wake: () => void = () => {};

  private constructor(path: string, baud: number, port: BindingPortInterface) {
    this.path = path;
    this.baud = baud;
    this.port = port;
    void this.pump();
  }

  /** @throws LinkError where there is no such port, or somebody else has it */
  static async open(path: string, baud: number): Promise<SerialPort> {
    checkPath(path);
    // A native library: who opens no port does not need it.
    const { autoDetect, LinuxPortBinding } = await import("@serialport/bindings-cpp");
    try {
      const port = await autoDetect().open({ path, baudRate: baud, lock: true });
      // What came before has nothing to do with us.
      await port.flush();
      // USB adapters keep bytes back for up to 16 ms otherwise. Not every port can do that, and none has to.
      if (port instanceof LinuxPortBinding) await port.set({ lowLatency: true }).catch(() => {});
      return new SerialPort(path, baud, port);
    } catch (error) {
      throw new LinkError("port", `Port ${path} cannot be opened at ${baud} baud: ${reasonOf(error)}.`);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.failure !== null) throw this.failure;
    try {
      await this.port.write(Buffer.from(bytes));
    } catch (error) {
      throw this.gone(error);
    }
  }

  async read(milliseconds: number): Promise<Uint8Array> {
    if (this.received.length === 0 && this.failure === null) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    if (this.received.length === 0 && this.failure !== null) throw this.failure;
    return Buffer.concat(this.received.splice(0));
  }

  async close(): Promise<void> {
    if (this.port.isOpen) await this.port.close();
  }

  /** Takes in what comes, for as long as the port is open. */
  private async pump(): Promise<void> {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    try {
      for (;;) {
        const { bytesRead } = await this.port.read(buffer, 0, CHUNK_BYTES);
        this.received.push(Uint8Array.from(buffer.subarray(0, bytesRead)));
        this.wake();
      }
    } catch (error) {
      this.failure = this.gone(error);
      this.wake();
    }
  }

  private gone(error: unknown): LinkError {
    return new LinkError("port", `Port ${this.path} is gone: ${reasonOf(error)}.`);
  }
}

/** A device file it has to be; Windows has names in the place of files. */
function checkPath(path: string): void {
  if (process.platform === "win32") return;
  const file = statSync(path, { throwIfNoEntry: false });
  if (file === undefined)
    throw new LinkError(
      "port",
      `There is no port ${path}: is the board plugged in? "ls /dev/tty*" lists ports.`,
    );
  if (!file.isCharacterDevice())
    throw new LinkError("port", `${path} is no serial port: give a device such as /dev/ttyUSB0.`);
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^Error:? */, "").replace(/\.$/, "");
}
