import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { availableParallelism, totalmem } from "node:os";
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runNative } from "./native-run.ts";
import { Slots } from "./slots.ts";
import { ToolError, ToolTimeout } from "./tool-error.ts";
import { isPackaged, type ToolMessage, type ToolRun } from "./tool-protocol.ts";

/** Where the programs come from: from npm, as WebAssembly; or from the PATH. */
export type Toolchain = "packaged" | "native";

export interface ToolOptions {
  /** Default `packaged`. */
  readonly toolchain?: Toolchain;
  /** Called with every line that the program says, when it says it. */
  readonly said?: (line: string) => void;
  /** Ends the run, and the process that it is in. */
  readonly signal?: AbortSignal;
  /** Longest run in seconds; default 1800. Place and route may never end on a design that cannot be routed. */
  readonly timeoutSeconds?: number;
}

export interface ToolResult {
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly log: string;
}

/**
 * Runs a program in a child process, which waits for the next run afterwards: a program takes up to 1 GB, blocks its
 * thread, and is two to four times as fast when it is loaded already. Runs at once share a few processes. Idle
 * processes do not keep Node from ending, and end after a minute.
 * A native one is a process of its own.
 * @throws ToolError where the program fails or is missing; the signal's reason where it was stopped
 */
export async function runTool(run: ToolRun, options: ToolOptions = {}): Promise<ToolResult> {
  const { toolchain, said, signal } = options;
  if (toolchain === "native") {
    await NATIVE.take(signal);
    try {
      return await timed(run, options, (stop) => runNative(run, stop, said));
    } finally {
      NATIVE.give();
    }
  }
  if (!isPackaged(run.tool))
    throw new ToolError(
      run.tool,
      "it comes with no package; it has to be on the PATH (--toolchain native)",
      "",
    );
  const pool = run.tool === "yosys" ? YOSYS : PLACE_AND_ROUTE;
  const worker = await pool.take(signal ?? new AbortController().signal);
  try {
    const answer = await timed(run, options, (stop) => worker.run(run, stop, said));
    if (answer.kind === "failed") throw new ToolError(run.tool, answer.reason, answer.log);
    return { files: answer.files, log: answer.log };
  } finally {
    pool.give(worker);
  }
}

/** Ends a run that takes too long; the time that it waited for its turn does not count. */
async function timed<T>(
  { tool }: ToolRun,
  { signal, timeoutSeconds = LONGEST_RUN }: ToolOptions,
  body: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  try {
    return await body(signal === undefined ? timeout : AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (timeout.aborted && signal?.aborted !== true) throw new ToolTimeout(tool, timeoutSeconds);
    throw error;
  }
}

/** In seconds. */
const LONGEST_RUN = 1800;

/** Ends all tool processes that wait for work. */
export function closeTools(): void {
  YOSYS.close();
  PLACE_AND_ROUTE.close();
}

/** Milliseconds after which a process without work gives its memory back. */
const IDLE = 60_000;

/** Bytes that one process may need. */
const PROCESS_MEMORY = 1.5e9;

/** Programs that run at once. */
const MOST_RUNS = Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / PROCESS_MEMORY)));
const NATIVE = new Slots(MOST_RUNS);

/** Processes with the same program loaded. */
class ToolPool {
  private readonly idle: ToolProcess[] = [];
  private readonly waiting: ((worker: ToolProcess) => void)[] = [];
  private running = 0;

  async take(stop: AbortSignal): Promise<ToolProcess> {
    stop.throwIfAborted();
    const worker = this.idle.pop();
    if (worker === undefined && this.running === MOST_RUNS) return this.wait(stop);
    this.running++;
    return worker?.alive ? worker : new ToolProcess();
  }

  give(worker: ToolProcess): void {
    const next = this.waiting.shift();
    if (next !== undefined) {
      next(worker.alive ? worker : new ToolProcess());
      return;
    }
    this.running--;
    if (worker.alive) {
      worker.rest();
      this.idle.push(worker);
    }
  }

  close(): void {
    for (const worker of this.idle.splice(0)) worker.end();
  }

  private wait(stop: AbortSignal): Promise<ToolProcess> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        reject(stop.reason);
      };
      const enter = (worker: ToolProcess): void => {
        stop.removeEventListener("abort", leave);
        resolve(worker);
      };
      stop.addEventListener("abort", leave, { once: true });
      this.waiting.push(enter);
    });
  }
}

/** Children that live; ended with this process, which a busy child would not notice. */
const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

class ToolProcess {
  private readonly child: ChildProcess;
  private idleTimer: NodeJS.Timeout | undefined;

  constructor() {
    const entry = fileURLToPath(new URL(`./tool-process${extname(import.meta.url)}`, import.meta.url));
    this.child = fork(entry, { serialization: "advanced", stdio: "ignore", execArgv: loaderFor(entry) });
    const { child } = this;
    children.add(child);
    child.once("exit", () => children.delete(child));
    // Told by the exit that follows, or by the send that fails.
    child.on("error", () => {});
  }

  get alive(): boolean {
    return children.has(this.child);
  }

  run(
    run: ToolRun,
    stop: AbortSignal,
    said: (line: string) => void = () => {},
  ): Promise<Exclude<ToolMessage, { kind: "said" }>> {
    clearTimeout(this.idleTimer);
    const { child } = this;
    child.ref();
    child.channel?.ref();
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        stop.removeEventListener("abort", onAbort);
        child.off("exit", onExit);
        child.off("message", onMessage);
      };
      const fail = (error: unknown): void => {
        settle();
        reject(error);
      };
      const onMessage = (message: ToolMessage): void => {
        if (message.kind === "said") {
          said(message.line);
          return;
        }
        settle();
        resolve(message);
      };
      const onExit = (code: number | null, signal: string | null): void =>
        fail(new ToolError(run.tool, `the process ended with ${signal ?? `code ${code}`}`, ""));
      const onAbort = (): void => {
        this.end();
        fail(stop.reason);
      };
      stop.addEventListener("abort", onAbort, { once: true });
      child.once("exit", onExit);
      child.on("message", onMessage);
      child.send(run, (error) => {
        if (error !== null)
          fail(new ToolError(run.tool, `the process cannot be reached: ${error.message}`, ""));
      });
    });
  }

  /** Waits for work, without keeping this process from ending. */
  rest(): void {
    this.child.unref();
    this.child.channel?.unref();
    this.idleTimer = setTimeout(() => this.end(), IDLE).unref();
  }

  end(): void {
    clearTimeout(this.idleTimer);
    children.delete(this.child);
    this.child.kill("SIGKILL");
  }
}

/** Node's options for a child that is TypeScript: run from the sources, Node needs the loader that they run with. */
function loaderFor(entry: string): string[] {
  if (!entry.endsWith(".ts")) return [];
  return ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href];
}

const YOSYS = new ToolPool();
const PLACE_AND_ROUTE = new ToolPool();
