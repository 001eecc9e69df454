import { simulatedDevice } from "../../hdl/decoder/simulated-device.ts";
import { simulate } from "../../hdl/simulate/index.ts";
import { SimulatedPort } from "../host/simulated-port.ts";
import type { Transport } from "../host/transport.ts";
import type { Circuit } from "./circuit.ts";

/** Of the simulated line: as fast as the receiver is built for, so that little time passes in between. */
const CYCLES_PER_BIT = 8;

/**
 * The serial line of a simulated board: host link, decoder and memories as circuits.
 * @param filled numbers of the memories that are empty until the host writes them
 */
export function simulatedLine(
  { sizes, program, images }: Circuit,
  filled: readonly number[] = [],
): Transport {
  const { machine } = sizes;
  const clockHz = Math.round(machine.clockMHz * 1e6);
  const options = {
    sizes,
    fingerprint: program.fingerprint,
    clockHz,
    cyclesPerBit: CYCLES_PER_BIT,
    filled,
  };
  const contents = images.map((image, i) => (filled.includes(i) ? new Uint8Array(image.length) : image));
  const simulation = simulate(simulatedDevice(options, contents));
  simulation.reset();
  return new SimulatedPort(simulation, { clockHz, cyclesPerBit: CYCLES_PER_BIT });
}
