import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import pc from "picocolors";
import { InputError } from "../../models/errors.ts";
import type { Machine } from "../compile/machine.ts";
import { fingerprintOf } from "../compile/program.ts";
import { parseCompression } from "../compress/spec.ts";
import { chooseMachine } from "../devices/library.ts";
import { integerModel, LoadedModel } from "../experiment/prepare.ts";
import { Conversation, type ReplyFigures } from "../host/conversation.ts";
import { Device } from "../host/device.ts";
import { SerialPort } from "../host/serial-port.ts";
import type { Transport } from "../host/transport.ts";
import { buildableCircuit, type Circuit } from "../verify/circuit.ts";
import { simulatedLine } from "../verify/simulated-line.ts";
import {
  addCompressionOptions,
  addModelOption,
  between,
  type CompressionOptions,
  wholeNumber,
} from "./options.ts";
import { line, percent, print, progress, short, whole } from "./output.ts";

interface ChatOptions extends CompressionOptions {
  readonly port?: string;
  readonly simulate?: boolean;
  readonly baud: number;
  readonly model: string;
  readonly machine?: string;
  readonly device?: string;
  readonly context?: number;
  readonly text?: string;
  readonly load?: boolean;
  readonly prompt?: string;
  readonly tokens: number;
  readonly temperature?: number;
  readonly seed?: number;
}

/** Temperature of a seed without one. */
const DEFAULT_TEMPERATURE = 0.8;

export function chatCommand(): Command {
  const command = addModelOption(
    new Command("chat")
      .description("talk to a model on a board, over a serial port")
      .option("--port <path>", "the board's serial port, such as /dev/ttyUSB0")
      .option("--simulate", "talk to the circuit in simulation, where there is no board")
      .option("--baud <rate>", "bits a second", wholeNumber(300, 12_000_000), 115_200),
  );
  return addCompressionOptions(command)
    .option("--machine <name|file>", "the machine that the board is; its fingerprint has to agree")
    .option("--device <name|file>", "the part; its usual machine is taken where no machine is named")
    .option("--load", "compress and compile the model, and load program and memories before anything else")
    .option("--context <n>", "tokens to make room for (default: as many as fit)", wholeNumber(1, 1 << 20))
    .option("--text <file>", "text to calibrate with, one passage a line, for models without their own")
    .option("--prompt <text>", "continue this text and leave; without it, a conversation begins")
    .option("--tokens <n>", "tokens to generate at most", wholeNumber(1, 100_000), 128)
    .option("--temperature <t>", "draw tokens instead of taking the likeliest", between(0.01, 100))
    .option(
      "--seed <n>",
      `seed of the draw; without a temperature it is ${DEFAULT_TEMPERATURE}`,
      wholeNumber(0, 2 ** 31 - 1),
    )
    .addHelpText(
      "after",
      '\nExamples:\n  accel chat --simulate --sparsity 2:4 --prompt "Once upon a time" --tokens 16\n  accel chat --port /dev/ttyUSB0\n  accel chat --port /dev/ttyUSB0 --load --sparsity 2:4 --prompt "Once upon a time"\n',
    )
    .action(run);
}

async function run(options: ChatOptions): Promise<void> {
  if (options.prompt === undefined && !process.stdin.isTTY)
    throw new InputError("There is nobody to talk to: standard input is no terminal, so give a --prompt.");
  const { machine } = chooseMachine(options);
  progress(`loading ${options.model}`);
  const model = new LoadedModel(options.model, options.text);
  const { tokenizer } = model;
  if (tokenizer === null)
    throw new InputError(`${options.model} has no tokenizer.json, so text cannot be turned into tokens.`);
  const built = options.load === true || options.simulate === true ? build(model, machine, options) : null;
  const transport = await lineTo(options, built);
  try {
    const device = await connect(transport, model, machine);
    if (built !== null) await load(device, machine, built);
    const drawing = options.temperature !== undefined || options.seed !== undefined;
    await device.setSampling(
      drawing ? { temperature: options.temperature ?? DEFAULT_TEMPERATURE, seed: options.seed ?? 0 } : null,
    );
    const context =
      options.context ??
      built?.program.context ??
      Math.min(2 ** device.identity.positionBits, model.checkpoint.shape.maxPositions);
    const conversation = new Conversation(device, { tokenizer, special: model.checkpoint, context });
    if (options.prompt === undefined) await converse(conversation, device, options.tokens);
    else {
      process.stdout.write(pc.dim(options.prompt));
      const figures = await answer(conversation, options.prompt, options.tokens);
      if (figures !== null) print(figuresText(figures, device.identity.clockHz));
    }
  } finally {
    await transport.close();
  }
}

/** A port, or a simulated board. */
async function lineTo({ port, baud, simulate }: ChatOptions, built: Circuit | null): Promise<Transport> {
  if (port !== undefined) return SerialPort.open(port, baud);
  if (simulate !== true || built === null)
    throw new InputError("There is no board to talk to: name its --port, or --simulate one.");
  progress("making the circuit");
  return simulatedLine(built);
}

async function connect(transport: Transport, model: LoadedModel, machine: Machine): Promise<Device> {
  const device = await Device.connect(transport);
  device.require(fingerprintOf(machine), `machine ${machine.name}`);
  const { vocabSize } = model.checkpoint.shape;
  if (vocabSize > 2 ** device.identity.tokenBits) {
    throw new InputError(
      `${model.checkpoint.name} has ${vocabSize} tokens, but the device's tokens have ${device.identity.tokenBits} bits.`,
    );
  }
  return device;
}

function build(model: LoadedModel, machine: Machine, options: ChatOptions): Circuit {
  progress("compressing and compiling");
  const integers = integerModel(model.compress(parseCompression(options)).model);
  const choice = options.context === undefined ? {} : { context: options.context };
  return buildableCircuit(integers, machine, choice);
}

/** Program and images, as far as the device takes them; what it does not take it has from its board. */
async function load(device: Device, machine: Machine, { program, images }: Circuit): Promise<void> {
  const told = (what: string) => (done: number, total: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\rloading ${what}: ${percent(done / total)}`.padEnd(60));
  };
  if (device.identity.program !== null) await device.loadProgram(program.bytes, told("program"));
  for (const [index, image] of images.entries()) {
    const memory = machine.memories[index];
    // Keys and values are written by the machine before it reads them.
    const isFilled = memory?.holds.some((contents) => contents !== "keysAndValues") === true;
    if (isFilled && device.identity.image?.memories.includes(index) === true)
      await device.loadImage(index, image, 0, told(memory.name));
  }
  if (process.stderr.isTTY) process.stderr.write(`\r${"".padEnd(60)}\r`);
}

/** Writes a reply as it comes. Null where a person had enough of it. */
async function answer(
  conversation: Conversation,
  text: string,
  tokens: number,
  stopped: () => boolean = () => false,
): Promise<ReplyFigures | null> {
  const reply = conversation.reply(text, tokens);
  for (;;) {
    const next = await reply.next();
    if (next.done === true) {
      print("");
      return next.value;
    }
    process.stdout.write(pc.bold(next.value));
    if (!stopped()) continue;
    await reply.return(NOTHING);
    print("");
    return null;
  }
}

const NOTHING: ReplyFigures = { tokens: 0, seconds: 0, firstSeconds: 0, cycles: 0 };

/** Lines of a person, and what the device makes of them, until the person leaves. */
async function converse(conversation: Conversation, device: Device, tokens: number): Promise<void> {
  print(pc.dim("Ctrl-C ends a reply, /new begins a new text, Ctrl-D leaves."));
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  let replying = false;
  let stopped = false;
  terminal.on("SIGINT", () => {
    if (!replying || stopped) terminal.close();
    stopped = true;
  });
  terminal.setPrompt("> ");
  terminal.prompt();
  for await (const text of terminal) {
    stopped = false;
    replying = true;
    if (text === "/new") conversation.restart();
    else if (text !== "") {
      try {
        const figures = await answer(conversation, text, tokens, () => stopped);
        if (figures !== null) print(figuresText(figures, device.identity.clockHz));
      } catch (error) {
        // A prompt that is too long is no reason to leave.
        if (!(error instanceof InputError) || error.name !== "InputError") throw error;
        print(pc.red(error.message));
      }
      if (conversation.room < 1) {
        print(pc.dim("The context is full: a new text begins."));
        conversation.restart();
      }
    }
    replying = false;
    terminal.prompt();
  }
}

function figuresText({ tokens, seconds, firstSeconds, cycles }: ReplyFigures, clockHz: number): string {
  if (tokens === 0) return line("speed", "the device generated nothing");
  const perToken = cycles / tokens;
  const rate = tokens > 1 ? `${short((tokens - 1) / (seconds - firstSeconds))} tokens/s` : "one token";
  return line(
    "speed",
    `${pc.bold(rate)} · first after ${short(firstSeconds)} s (measured by this computer's clock, line included) · ${whole(perToken)} cycles a token over ${tokens} ${tokens === 1 ? "token" : "tokens"} (measured by the device), ${short(clockHz / perToken)} tokens/s at its ${short(clockHz / 1e6)} MHz`,
  );
}
