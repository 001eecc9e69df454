import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { fingerprintOf } from "../../src/compile/program.ts";
import { machineFrom } from "../../src/devices/library.ts";
import { OPTIONS, runBoard } from "../hdl/host/stand-in.ts";
import { BoardOnAPort, hasPseudoTerminals } from "../host/board-on-a-port.ts";
import { COMMAND_LINE } from "../support/command-line.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const fingerprint = fingerprintOf(machineFrom("up5k-flash"));

interface Run {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function accel(...args: string[]): Promise<Run> {
  const child = spawn(process.execPath, [...COMMAND_LINE, "chat", ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (data: Buffer) => {
    out += data.toString();
  });
  child.stderr.on("data", (data: Buffer) => {
    err += data.toString();
  });
  return new Promise((done) => child.on("close", (status) => done({ status, out, err })));
}

/** A simulated board behind a serial port of this computer, for as long as `use` needs it. */
async function withBoard(options: typeof OPTIONS, use: (port: string) => Promise<void>): Promise<void> {
  const port = await BoardOnAPort.start(runBoard(options).transport);
  try {
    await use(port.path);
  } finally {
    port.stop();
  }
}

describe.skipIf(!hasPseudoTerminals)(
  "accel chat over a serial port (needs Python for pseudo terminals)",
  () => {
    it("loads a program, says what the device makes of a prompt, and how fast", async () => {
      // A board with its weights in flash: memory 1, which the machine fills itself, is the only one that could be loaded.
      const image = { memories: [1], addressBits: 8, wordBytes: 4 };
      await withBoard({ ...OPTIONS, fingerprint, image }, async (port) => {
        const args = ["--port", port, "--prompt", "Once upon a time", "--tokens", "8"];
        const first = await accel(...args, "--load", "--method", "baseline", "--seed", "3");
        expect(first.err).toBe("");
        expect(first.status).toBe(0);
        expect(first.out).toMatch(/^Once upon a time/);
        expect(first.out).toMatch(
          /tokens\/s .*\(measured by this computer's clock.*cycles a token over \d tokens? \(measured by the device\)/,
        );
        // The program is still there.
        const text = ({ out }: Run): string => out.slice(0, out.indexOf("speed"));
        expect(text(await accel(...args, "--seed", "3"))).toBe(text(first));
        expect(text(await accel(...args, "--seed", "4"))).not.toBe(text(first));
      });
    });

    it("refuses a device that is another machine", async () => {
      await withBoard(OPTIONS, async (port) => {
        const { status, out, err } = await accel("--port", port, "--prompt", "x");
        expect(status).toBe(2);
        expect(out).toBe("");
        expect(err).toMatch(
          /^accel: The device has the fingerprint 0011.*, but machine up5k-flash has .*\n$/,
        );
      });
    });
  },
);

describe("a port that cannot be used gets one sentence", () => {
  it.each([
    [["--port", "/nowhere/tty"], /^accel: There is no port \/nowhere\/tty/],
    [["--port", "/dev/null"], /^accel: Port \/dev\/null cannot be opened at 115200 baud: /],
  ])("%j", async (args, sentence) => {
    const { status, out, err } = await accel(...args, "--prompt", "x");
    expect(status).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(sentence);
    expect(err.trim().split("\n")).toHaveLength(1);
  });

  it("nobody to talk to", async () => {
    expect((await accel("--port", "/dev/null")).err).toMatch(/^accel: There is nobody to talk to/);
  });
});
