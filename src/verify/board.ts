import { codesInWord } from "../../hdl/decoder/code-memory.ts";
import { codeMemoryOf, countedSignals, portName } from "../../hdl/decoder/decoder.ts";
import type { DecoderSizes } from "../../hdl/decoder/parameters.ts";
import { pieceName, placeIn } from "../../hdl/decoder/pieced-memory.ts";
import { simulatedBoard } from "../../hdl/decoder/simulated-board.ts";
import { bankName } from "../../hdl/decoder/word-memory.ts";
import { wordOf } from "../../hdl/decoder/words.ts";
import { type RecordOptions, type Simulation, SimulationError, simulate } from "../../hdl/simulate/index.ts";
import { InputError } from "../../models/errors.ts";
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
  readonly settled?: (event: UnitEvent, what: "words" | "descriptors") => void;
  /** Cycles after which a token that is not over hangs. */
  readonly limit?: number;
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

/** Cycles from the signal that an instruction is done until what it wrote stands in the memories. */
const SETTLING_CYCLES = 3;

/** More cycles than any token takes; a circuit that needs them hangs. */
const MOST_CYCLES = 50_000_000;

/** A token does not end. */
export class BoardHangs extends Error {
  readonly cycle: number;

  constructor(cycle: number) {
    super(`the token is not over after ${cycle} cycles`);
    this.cycle = cycle;
  }
}

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
  private readonly sizes: DecoderSizes;
  private readonly fault: Fault | null;

  constructor({ sizes, images, program }: Circuit, { seed = 1, record, fault = null }: BoardOptions = {}) {
    this.simulation = simulate(simulatedBoard(sizes, images), {
      seed,
      observe: fault === null ? [] : [fault.register],
      ...(record === undefined ? {} : { record }),
    }) as unknown as Simulation;
    this.units = 2 + sizes.channels.length;
    this.lanes = sizes.machine.vector.lanes;
    this.sizes = sizes;
    this.fault = fault;
    if (fault !== null) this.checkFault(fault);
    this.simulation.reset();
    const { simulation } = this;
    for (const write of programWrites(program.bytes, sizes)) {
      simulation.drive({ program_write: 1, ...write });
      simulation.step();
    }
    simulation.set("program_write", 0);
  }

  private checkFault({ register }: Fault): void {
    try {
      this.simulation.poke(register, this.simulation.peekBig(register));
    } catch (error) {
      if (error instanceof SimulationError)
        throw new InputError(`No fault can be put there: ${error.message}.`);
      throw error;
    }
  }

  seed(state: number): void {
    this.simulation.drive({ seeds: 1, seed: state });
    this.simulation.step();
    this.simulation.set("seeds", 0);
  }

  /** A word of the vector memory, as it is now. */
  word(address: number): number {
    const { lanes } = this;
    const { piece, at } = placeIn(
      Math.ceil(this.sizes.machine.vector.words / lanes),
      Math.floor(address / lanes),
    );
    const name = pieceName(bankName(lanes, address % lanes), piece);
    return this.simulation.memory(`decoder.words.${name}`).get(at) | 0;
  }

  /** A code of an activation. */
  code(address: number): number {
    const codes = codeMemoryOf(this.sizes);
    const inWord = codesInWord(codes, codes.matrixCodes);
    const word = this.simulation.memory("decoder.codes.for_matrix").getBig(Math.floor(address / inWord));
    return Number(BigInt.asIntN(8, word >> BigInt(8 * (address % inWord))));
  }

  /** Exponent and peak of a vector. */
  descriptor(number: number): { readonly exponent: number; readonly peak: number } {
    const bits = this.simulation.memory("decoder.descriptors.descriptors").getBig(number);
    return { exponent: Number(BigInt.asIntN(16, bits)), peak: Number((bits >> 16n) & 0xffffffffn) };
  }

  /** Bytes of a memory of the machine, as they are now. */
  memory(index: number): Uint8Array {
    const { wordBytes = 1 } = this.sizes.channels[index] ?? {};
    const words = [...this.simulation.memory(`${portName(index)}.contents`).words()];
    return Uint8Array.from(
      words.flatMap((word) =>
        Array.from({ length: wordBytes }, (_, i) => Number((word >> BigInt(8 * i)) & 0xffn)),
      ),
    );
  }

  /** The circuit's own counts of its last token, by name: cycles, those in which units were busy, words that memories moved. */
  counters(): Readonly<Record<string, number>> {
    const { simulation } = this;
    simulation.until("counted", 1000);
    const names = ["cycles", ...countedSignals(this.sizes)];
    return Object.fromEntries(
      names.map((name, i) => {
        simulation.set("counter", i);
        simulation.step();
        return [name, simulation.get("count")];
      }),
    );
  }

  /** Runs a token. */
  run(token: BoardToken, { happened, settled, limit = MOST_CYCLES }: BoardWatch = {}): BoardRun {
    const { simulation } = this;
    simulation.drive({ begin: 1, ...tokenInputs(token) });
    simulation.step();
    simulation.set("begin", 0);
    const first = simulation.cycle;
    const events: UnitEvent[] = [];
    const settling: {
      readonly event: UnitEvent;
      readonly what: "words" | "descriptors";
      readonly from: number;
    }[] = [];
    let next: number | null = null;
    let fault = this.fault?.position === token.position ? this.fault : null;
    for (let finished = false; !finished; ) {
      if (fault !== null && simulation.cycle - first >= fault.cycle) {
        simulation.poke(fault.register, simulation.peekBig(fault.register) ^ 1n);
        fault = null;
      }
      const left = limit - (simulation.cycle - first);
      if (left <= 0) throw new BoardHangs(limit);
      if (settling.length === 0 && fault === null) {
        try {
          simulation.until("event", left);
        } catch (error) {
          if (error instanceof SimulationError) throw new BoardHangs(limit);
          throw error;
        }
      }
      if (simulation.get("event") !== 0) {
        const cycle = simulation.cycle - first + 1;
        const layer = simulation.get("layer");
        for (let unit = 0; unit < this.units; unit++)
          for (const kind of ["start", "done"] as const) {
            if (simulation.get(`${kind}s_${unit}`) === 0) continue;
            const event = { unit: unit + 1, kind, cycle, layer };
            events.push(event);
            happened?.(event);
            if (kind === "start" || settled === undefined) continue;
            const from = simulation.cycle + SETTLING_CYCLES;
            settling.push({ event, what: "words", from });
            // One for each vector that a pass is shared by, in every second cycle.
            settling.push({
              event,
              what: "descriptors",
              from: from + 2 * this.sizes.machine.matrix.maxTokens,
            });
          }
        if (simulation.get("picked") === 1) next = simulation.get("picked_token");
        finished = simulation.get("finished") === 1;
      }
      const cycles = simulation.cycle - first + 1;
      simulation.step();
      for (const one of settling.filter(({ from }) => finished || from <= simulation.cycle)) {
        settling.splice(settling.indexOf(one), 1);
        settled?.(one.event, one.what);
      }
      if (finished) return { cycles, next, events };
    }
    throw new RangeError("a token ends");
  }
}
