import type { Module } from "../../../hdl/builder/graph.ts";
import { Device } from "../../host/device.ts";
import { SimulatedPort } from "../../host/simulated-port.ts";
import type { FlashContents } from "./bench.ts";
import { type PinTrace, RecordedPart } from "./recording.ts";

export interface TokenOptions {
  readonly flash: FlashContents;
  readonly clockHz: number;
  readonly cyclesPerBit: number;
  /** Header and instructions; null: the part has its program from power-up on. */
  readonly program: Uint8Array | null;
  /** The token that goes in, at position 0. */
  readonly token: number;
}

export interface TokenTrace {
  readonly trace: PinTrace;
  /** The token that was picked, and the cycles that it took, as the part counted them. */
  readonly picked: number;
  readonly cycles: number;
}

/**
 * Has a part take in its program and a token over its serial line, as a host does, and notes down all of its pins.
 * @throws FlashFault where the part says something wrong to its flash; LinkError where it does not answer the host
 */
export async function traceToken(part: Module, options: TokenOptions): Promise<TokenTrace> {
  const { flash, clockHz, cyclesPerBit, program, token } = options;
  const recorded = new RecordedPart(part, flash);
  const device = await Device.connect(new SimulatedPort(recorded, { clockHz, cyclesPerBit }));
  if (program !== null) await device.loadProgram(program);
  await device.setSampling(null);
  let last = { token: -1, cycles: 0 };
  for await (const made of device.generate({ prompt: [token], tokens: 1 })) last = made;
  return { trace: recorded.trace(), picked: last.token, cycles: last.cycles };
}
