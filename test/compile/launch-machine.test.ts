import { describe, expect, it } from "vitest";
import { InputError } from "../../models/errors.ts";
import { type Machine, parseMachine } from "../../src/compile/machine.ts";
import { fingerprintOf } from "../../src/compile/program.ts";
import { machineFrom } from "../../src/devices/library.ts";

const flightLLM = machineFrom("u280-flightllm");
const { matrix, memories, cluster, schedule } = flightLLM;
const plain = machineFrom("generic-hbm");

/** FlightLLM's machine with some parts changed. */
const changed = (parts: object): Machine => parseMachine({ ...flightLLM, ...parts }, "changed");

const { launch: _launch, ...packets } = matrix;
const words = memories.map(({ burst: _burst, ...memory }) => memory);

describe("descriptions of machines that are started launch by launch", () => {
  it("need bursts with launches, and launches with several cores", () => {
    const wrong: readonly [object, RegExp][] = [
      [{ memories: words }, /"burst" and "matrix.launch"/],
      [{ matrix: packets }, /"burst" and "matrix.launch"/],
      [{ memories: plain.memories, matrix: plain.matrix }, /want a "matrix.launch"/],
      [{ memories: memories.filter(({ holds }) => !holds.includes("vectors")) }, /must hold "vectors"/],
      [{ cluster: { ...cluster, cores: 1 } }, /"cluster.cores" is wrong/],
      [{ schedule: { ...schedule, append: "later" } }, /"schedule.append" is wrong/],
      [{ package: { weights: "w4g48" } }, /"package/],
    ];
    for (const [parts, why] of wrong) {
      expect(() => changed(parts)).toThrow(InputError);
      expect(() => changed(parts)).toThrow(why);
    }
  });

  it("belong to a program's fingerprint; other machines keep theirs", () => {
    const own = fingerprintOf(flightLLM);
    expect(fingerprintOf(changed({ name: "renamed" }))).toBe(own);
    expect(fingerprintOf(changed({ cluster: { ...cluster, cores: 2 } }))).not.toBe(own);
    expect(fingerprintOf(changed({ schedule: { ...schedule, append: "in place" } }))).not.toBe(own);
    // As it was before machines could have several cores.
    expect(fingerprintOf(machineFrom("up5k-flash"))).toBe("27d94b315619c1f72b8354ae8f58b0b4");
  });
});
