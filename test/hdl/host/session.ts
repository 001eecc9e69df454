import { expect } from "vitest";
import { dyadic } from "../../../models/decoder/integer/norm.ts";
import type { Device, PickedToken } from "../../../src/host/device.ts";
import { samplingBytes } from "../../../src/host/sampling.ts";
import { COUNTERS, IMAGE_WORDS, OPTIONS, type runBoard, StandInModel } from "./stand-in.ts";

type Simulation = ReturnType<typeof runBoard>["simulation"];

/** Does random things with a device, and compares all that it says and does with the stand-in's model. */
export class RandomSession {
  private readonly device: Device;
  private readonly simulation: Simulation;
  private readonly random: () => number;
  private readonly model = new StandInModel();
  private readonly images = new Map<number, number>();
  /** What the device's counters have to say, where that follows from what was asked. */
  private tokens = 0;
  private seeds = 0;

  constructor(device: Device, simulation: Simulation, random: () => number) {
    this.device = device;
    this.simulation = simulation;
    this.random = random;
  }

  async step(): Promise<void> {
    const what = this.random();
    if (what < 0.6) await this.generate();
    else if (what < 0.7) await this.leave();
    else if (what < 0.8) await this.sample();
    else if (what < 0.95) await this.fill();
    await this.compareCounters();
  }

  private below(most: number): number {
    return Math.floor(this.random() * most);
  }

  private prompt(most: number): number[] {
    return Array.from({ length: 1 + this.below(most) }, () => this.below(2 ** OPTIONS.tokenBits));
  }

  /** What follows a prompt at position 0, by the model. */
  private expected(prompt: readonly number[], tokens: number, ends: readonly number[]): PickedToken[] {
    const picked: PickedToken[] = [];
    let token = prompt[0] ?? 0;
    for (let position = 0; ; position++) {
      const following = prompt[position + 1];
      const sampling = following === undefined && tokens > 0;
      const next = this.model.run(token, position, sampling);
      this.tokens++;
      if (sampling) picked.push({ token: next, position: position + 1, cycles: this.model.cycles(token) });
      token = following ?? next;
      if (following !== undefined) continue;
      if (picked.length === tokens || ends.includes(next)) return picked;
    }
  }

  private async generate(): Promise<void> {
    const prompt = this.prompt(this.random() < 0.1 ? 120 : 6);
    const tokens = this.below(8);
    const ends = Array.from({ length: this.below(40) }, () => this.below(2 ** OPTIONS.tokenBits));
    const got: PickedToken[] = [];
    for await (const one of this.device.generate({ prompt, tokens, endTokens: ends.slice(0, 1) }))
      got.push(one);
    expect(got).toEqual(this.expected(prompt, tokens, ends.slice(0, 1)));
  }

  /** Somebody who does not wait for the end. */
  private async leave(): Promise<void> {
    for await (const _ of this.device.generate({ prompt: this.prompt(4), tokens: 50 }))
      if (this.random() < 0.5) break;
    // How far the device got is its own; the next prompt begins anew, at position 0 and with a new seed.
    const counters = await this.device.counters();
    this.tokens = counters[COUNTERS.tokens] ?? 0;
    await this.sample();
  }

  private async sample(): Promise<void> {
    const sampling =
      this.random() < 0.3 ? null : { temperature: 0.1 + this.random(), seed: this.below(1000) };
    await this.device.setSampling(sampling);
    const state = Buffer.from(samplingBytes(sampling)).readUInt32BE(4);
    this.model.sampler(sampling === null ? null : dyadic(Math.LOG2E / sampling.temperature), state);
    this.seeds++;
  }

  private async fill(): Promise<void> {
    const memory = this.below(2);
    const words = 1 + this.below(80);
    const at = this.below(IMAGE_WORDS - words);
    const bytes = Uint8Array.from({ length: 4 * words }, () => this.below(256));
    await this.device.loadImage(memory, bytes, 4 * at);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < words; i++)
      this.images.set(memory * IMAGE_WORDS + at + i, view.getUint32(4 * i, true));
  }

  private async compareCounters(): Promise<void> {
    const counters = await this.device.counters();
    // Nothing ran twice.
    expect(counters[COUNTERS.tokens]).toBe(this.tokens);
    expect(counters[COUNTERS.seeds]).toBe(this.seeds);
    const images = this.simulation.memory("images");
    for (const [address, word] of this.images) expect(images.get(address)).toBe(word);
  }
}
