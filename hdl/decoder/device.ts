import { assign, bit, instance, module, mux, type Unsigned, wire } from "../builder/index.ts";
import { hostLink } from "../host/host-link.ts";
import type { HostLinkOptions } from "../host/parameters.ts";
import type { ChannelSizes } from "../units/channel/parameters.ts";
import { requestShape } from "../units/channel/shapes.ts";
import { resized } from "../units/resized.ts";
import { countedSignals, decoder, portName } from "./decoder.ts";
import type { DecoderSizes } from "./parameters.ts";

export interface DeviceOptions {
  readonly sizes: DecoderSizes;
  /** Of machine and instruction set, in hexadecimal. */
  readonly fingerprint: string;
  readonly clockHz: number;
  /** Clock frequency / baud rate. */
  readonly cyclesPerBit: number;
  /** Numbers of the memories whose contents the host writes; the others are filled in another way. */
  readonly filled: readonly number[];
}

/** What the host link has to know of a decoder. */
export function linkOptions({
  sizes,
  fingerprint,
  clockHz,
  cyclesPerBit,
  filled,
}: DeviceOptions): HostLinkOptions {
  const { limits, drawing, sequencer, channels } = sizes;
  const written = filled.map((index) => channels[index]).filter((channel) => channel !== undefined);
  return {
    clockHz,
    cyclesPerBit,
    tokenBits: limits.tokenBits,
    positionBits: limits.positionBits,
    counters: 1 + countedSignals(sizes).length,
    drawing,
    program: sequencer,
    image:
      written.length === 0
        ? null
        : {
            memories: filled,
            addressBits: Math.max(...written.map(({ addressBits }) => addressBits)),
            wordBytes: Math.max(...written.map(({ wordBytes }) => wordBytes)),
          },
    fingerprint,
  };
}

/** A decoder that speaks tokens on a serial line; requests go to the memories, which answer as their descriptions say. */
export function device(options: DeviceOptions) {
  const { sizes, filled } = options;
  const { channels } = sizes;
  const core = decoder(sizes);
  const link = hostLink(linkOptions(options));
  return module(
    "device",
    {
      description: `${core.description ?? ""} With a serial line to its host.`,
      inputs: { rx: bit, responses: core.ports.inputs.responses },
      outputs: { tx: bit, running: bit, requests: core.ports.outputs.requests },
      inputDomains: { rx: null },
    },
    (io) => {
      const told = wire("told", link.ports.inputs.picked_token);
      const running = wire("running_now", bit);
      const finished = wire("finished", bit);
      const picked = wire("picked", bit);
      const count = wire("count", core.ports.outputs.count);
      const host = instance("host", link, {
        rx: io.rx,
        running,
        finished,
        picked,
        picked_token: told,
        image_ready: 1,
        counter_value: count,
      });
      const { token, position, sampling, draws, temperature } = host;
      const made = instance("decoder", core, {
        begin: host.begin,
        token: { token, position, sampling, draws, temperature },
        seeds: host.seeds,
        seed: host.seed,
        program: host.program,
        counter: host.counter_address,
        responses: io.responses,
      });
      told.set(made.picked_token);
      running.set(made.running);
      // A token is over for the host when its counts stand.
      finished.set(made.counted);
      picked.set(made.picked);
      count.set(made.count);
      io.tx.set(host.tx);
      io.running.set(made.running);
      for (const [index, sizesOf] of channels.entries()) {
        const name = portName(index);
        const [request, out] = [made.requests[name], io.requests[name]];
        if (request === undefined || out === undefined) throw new RangeError(`${name} is missing`);
        // The host writes while no token is under way.
        const writes = host.image.write.and(host.image_memory.eq(index));
        assign(out, filled.includes(index) ? written(sizesOf, request, writes, host.image) : request);
      }
    },
  );
}

type Request =
  ReturnType<typeof requestShape> extends infer S ? { readonly [K in keyof S]: Unsigned } : never;

/** A request that is the host's where it writes. */
function written(
  sizes: ChannelSizes,
  request: Request,
  writes: Unsigned,
  image: { readonly address: Unsigned; readonly data: Unsigned },
): Request {
  const all = requestShape(sizes).mask.width;
  return {
    ...request,
    valid: request.valid.or(writes),
    write: request.write.or(writes),
    address: mux(writes, resized(image.address, request.address.width), request.address),
    data: mux(writes, resized(image.data, request.data.width), request.data),
    mask: request.mask.or(writes.repeat(all)),
  };
}
