import type { DecoderSizes } from "../../hdl/decoder/parameters.ts";
import { simulatedBoard } from "../../hdl/decoder/simulated-board.ts";
import { type RecordOptions, type Simulation, simulate } from "../../hdl/simulate/index.ts";
import { INSTRUCTION_BYTES } from "../compile/instruction.ts";
import { PROGRAM_HEADER_BYTES } from "../compile/program.ts";
import type { Circuit } from "./circuit.ts";

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

/** A cycle in which a piece of the program is written. */
export interface ProgramWrite {
  readonly program_instruction: number;
  readonly program_piece: number;
  readonly program_data: bigint;
}

/** How the host writes a program's bytes, piece by piece. */
export function programWrites(
  bytes: Uint8Array,
  { sequencer: { pieces, pieceBytes } }: DecoderSizes,
): ProgramWrite[] {
  const count = (bytes.length - PROGRAM_HEADER_BYTES) / INSTRUCTION_BYTES;
  return Array.from({ length: count * pieces }, (_, i) => {
    const at = PROGRAM_HEADER_BYTES + i * pieceBytes;
    return {
      program_instruction: Math.floor(i / pieces),
      program_piece: i % pieces,
      program_data: wordOf(bytes.subarray(at, at + pieceBytes)),
    };
  });
}

/** The inputs that tell a board of a token. */
export const tokenInputs = (token: BoardToken): Readonly<Record<string, number>> => ({
  token_token: token.token,
  token_position: token.position,
  token_sampling: token.sampling ? 1 : 0,
  token_draws: token.temperature === null ? 0 : 1,
  token_temperature_mantissa: token.temperature?.mantissa ?? 0,
  token_temperature_exponent: token.temperature?.exponent ?? 0,
});

/** Little-endian bytes as one number. */
const wordOf = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((word, byte) => (word << 8n) | BigInt(byte), 0n);

/** Cycles from the signal that an instruction is done until what it wrote stands in the memories. */
const SETTLING_CYCLES = 2;

/** More cycles than any token takes; a circuit that needs them hangs. */
const MOST_CYCLES = 50_000_000;

export interface BoardOptions {
  /** Chooses what stands in registers and memories in the beginning. */
  readonly seed?: number;
  readonly record?: RecordOptions;
  /** A register's lowest bit is flipped in a cycle of the token at a position, to see whether somebody notices. */
  readonly fault?: Fault | null;
}

export interface Fault {
  /** Path of a register, such as `decoder.matrix.unit.row_sums.scaled_0`. */
  readonly register: string;
  readonly position: number;
  readonly cycle: number;
}

/** The decoder's circuit before its memories, compiled for simulation. */
export class SimulatedBoard {
  readonly simulation: Simulation;
  private readonly units: number;
  private readonly lanes: number;
  private readonly fault: Fault | null;

  constructor({ sizes, images, program }: Circuit, { seed = 1, record, fault = null }: BoardOptions = {}) {
    this.simulation = simulate(simulatedBoard(sizes, images), {
      seed,
      observe: fault === null ? [] : [fault.register],
      ...(record === undefined ? {} : { record }),
    }) as unknown as Simulation;
    this.units = 2 + sizes.channels.length;
    this.lanes = sizes.machine.vector.lanes;
    this.fault = fault;
    this.simulation.reset();
    const { simulation } = this;
    for (const write of programWrites(program.bytes, sizes)) {
      simulation.drive({ program_write: 1, ...write });
      simulation.step();
    }
    simulation.set("program_write", 0);
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
    simulation.drive({ begin: 1, ...tokenInputs(token) });
    simulation.step();
    simulation.set("begin", 0);
    const first = simulation.cycle;
    const events: UnitEvent[] = [];
    const settling: { readonly event: UnitEvent; readonly from: number }[] = [];
    let next: number | null = null;
    let fault = this.fault?.position === token.position ? this.fault : null;
    for (let finished = false; !finished; ) {
      if (fault !== null && simulation.cycle - first >= fault.cycle) {
        simulation.poke(fault.register, simulation.peekBig(fault.register) ^ 1n);
        fault = null;
      }
      if (settling.length === 0 && fault === null) simulation.until("event", MOST_CYCLES);
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
