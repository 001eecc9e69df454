import { portName } from "../../hdl/decoder/decoder.ts";
import type { DecoderSizes } from "../../hdl/decoder/parameters.ts";
import { simulatedBoard } from "../../hdl/decoder/simulated-board.ts";
import { type Simulation, simulate } from "../../hdl/simulate/index.ts";
import { INSTRUCTION_BYTES } from "../compile/instruction.ts";
import { PROGRAM_HEADER_BYTES, type Program } from "../compile/program.ts";

/** What a token is asked for. */
export interface BoardToken {
  readonly token: number;
  readonly position: number;
  readonly sampling: boolean;
  /** log2(e) / temperature; null picks the likeliest token. */
  readonly temperature: { readonly mantissa: number; readonly exponent: number } | null;
}

/** Something that happened in a unit: cycles from the token's beginning on. */
export interface UnitEvent {
  readonly unit: number;
  readonly kind: "start" | "done";
  /** The start's first cycle; the first cycle in which all is done. */
  readonly cycle: number;
  readonly layer: number;
}

export interface BoardWatch {
  /** Told of every event in the cycle of its signal. */
  readonly happened?: (event: UnitEvent) => void;
  /** Told of it again when all that belongs to it stands in the memories. */
  readonly settled?: (event: UnitEvent) => void;
}

export interface BoardRun {
  readonly cycles: number;
  readonly next: number | null;
  readonly events: readonly UnitEvent[];
}

/** Little-endian bytes as one number. */
const wordOf = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((word, byte) => (word << 8n) | BigInt(byte), 0n);

/** Cycles from the signal that an instruction is done until what it wrote stands in the memories. */
const SETTLING_CYCLES = 2;

/** More cycles than any token takes; a circuit that needs them hangs. */
const MOST_CYCLES = 50_000_000;

/** The decoder's circuit before its memories, compiled for simulation. */
export class SimulatedBoard {
  readonly simulation: Simulation;
  private readonly units: number;
  private readonly lanes: number;

  constructor(sizes: DecoderSizes, program: Program, images: readonly Uint8Array[], seed = 1) {
    this.simulation = simulate(
      simulatedBoard(
        sizes,
        images.map(({ length }) => length),
      ),
      { seed, observe: [] },
    ) as unknown as Simulation;
    this.units = 2 + sizes.channels.length;
    this.lanes = sizes.machine.vector.lanes;
    this.simulation.reset();
    this.loadProgram(program.bytes, sizes);
    for (const [i, image] of images.entries()) this.loadImage(i, image, sizes.channels[i]?.wordBytes ?? 1);
  }

  private loadProgram(bytes: Uint8Array, { sequencer: { pieces, pieceBytes } }: DecoderSizes): void {
    const { simulation } = this;
    simulation.set("program_write", 1);
    const count = (bytes.length - PROGRAM_HEADER_BYTES) / INSTRUCTION_BYTES;
    for (let i = 0; i < count * pieces; i++) {
      const at = PROGRAM_HEADER_BYTES + i * pieceBytes;
      simulation.drive({
        program_instruction: Math.floor(i / pieces),
        program_piece: i % pieces,
        program_data: wordOf(bytes.subarray(at, at + pieceBytes)),
      });
      simulation.step();
    }
    simulation.set("program_write", 0);
  }

  private loadImage(index: number, bytes: Uint8Array, wordBytes: number): void {
    const memory = this.simulation.memory(`${portName(index)}.contents`);
    const words = Array.from({ length: Math.ceil(bytes.length / wordBytes) }, (_, i) =>
      wordOf(bytes.subarray(i * wordBytes, (i + 1) * wordBytes)),
    );
    memory.load(words);
  }

  seed(state: number): void {
    this.simulation.drive({ seeds: 1, seed: state });
    this.simulation.step();
    this.simulation.set("seeds", 0);
  }

  /** A word of the vector memory, as it is now. */
  word(address: number): number {
    const { lanes } = this;
    const bank = lanes === 1 ? "words" : `bank_${address % lanes}`;
    return this.simulation.memory(`decoder.words.${bank}`).get(Math.floor(address / lanes));
  }

  /** A code of an activation. */
  code(address: number): number {
    const block = this.simulation.memory("decoder.codes.blocks").getBig(Math.floor(address / 16));
    return Number(BigInt.asIntN(8, block >> BigInt(8 * (address % 16))));
  }

  /** Exponent and peak of a vector. */
  descriptor(number: number): { readonly exponent: number; readonly peak: number } {
    const bits = this.simulation.memory("decoder.descriptors.descriptors").getBig(number);
    return { exponent: Number(BigInt.asIntN(16, bits)), peak: Number((bits >> 16n) & 0xffffffffn) };
  }

  /** Runs a token. */
  run(token: BoardToken, { happened, settled }: BoardWatch = {}): BoardRun {
    const { simulation } = this;
    simulation.drive({
      begin: 1,
      token_token: token.token,
      token_position: token.position,
      token_sampling: token.sampling ? 1 : 0,
      token_draws: token.temperature === null ? 0 : 1,
      token_temperature_mantissa: token.temperature?.mantissa ?? 0,
      token_temperature_exponent: token.temperature?.exponent ?? 0,
    });
    simulation.step();
    simulation.set("begin", 0);
    const first = simulation.cycle;
    const events: UnitEvent[] = [];
    const settling: { readonly event: UnitEvent; readonly from: number }[] = [];
    let next: number | null = null;
    for (let finished = false; !finished; ) {
      if (settling.length === 0) simulation.until("event", MOST_CYCLES);
      if (simulation.get("event") !== 0) {
        const cycle = simulation.cycle - first + 1;
        const layer = simulation.get("layer");
        for (let unit = 0; unit < this.units; unit++)
          for (const kind of ["start", "done"] as const) {
            if (simulation.get(`${kind}s_${unit}`) === 0) continue;
            const event = { unit: unit + 1, kind, cycle, layer };
            events.push(event);
            happened?.(event);
            if (kind === "done" && settled !== undefined)
              settling.push({ event, from: simulation.cycle + SETTLING_CYCLES });
          }
        if (simulation.get("picked") === 1) next = simulation.get("picked_token");
        finished = simulation.get("finished") === 1;
      }
      const cycles = simulation.cycle - first + 1;
      simulation.step();
      while (settling[0] !== undefined && (finished || settling[0].from <= simulation.cycle)) {
        const [one] = settling.splice(0, 1);
        if (one !== undefined) settled?.(one.event);
      }
      if (finished) return { cycles, next, events };
    }
    throw new RangeError("a token ends");
  }
}
