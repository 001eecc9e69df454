import { describe, expect, it } from "vitest";
import { AddressMap } from "../../../sim/dram/address-map.ts";
import type { DramConfig } from "../../../sim/dram/config.ts";
import { dramSim3Config } from "../../../src/devices/dramsim3-config.ts";

const small: DramConfig = {
  ...dramSim3Config({ bankgroups: 4, banks_per_group: 2 }, "small"),
  ...{ channels: 2, ranks: 2, rows: 8, columns: 32 },
};
const map = (addressMapping: string) => new AddressMap({ ...small, addressMapping });

describe("an address mapping", () => {
  it.each(["rochrababgco", "rorabacobgch", "chrabgbaroco", "robg1bachracobg1", "chrabg1bacobg1ro"])(
    "%s gives every row of every bank the same number of places",
    (mapping) => {
      const { blocks } = map(mapping);
      expect(blocks).toBe(2 * 2 * 8 * 8 * 4);
      const counts = new Map<string, number>();
      const addresses = map(mapping);
      for (let block = 0; block < blocks; block++) {
        const place = `${addresses.channel(block)} ${addresses.bank(block)} ${addresses.row(block)}`;
        counts.set(place, (counts.get(place) ?? 0) + 1);
      }
      expect(counts.size).toBe(2 * 2 * 8 * 8);
      expect(new Set(counts.values())).toEqual(new Set([4]));
    },
  );

  it("reads its fields from the lowest bits up", () => {
    // Columns 2 bits, bank group 2, bank 1, rank 1, channel 1, row 3.
    const addresses = map("rochrababgco");
    const block = 0b101_1_0_1_10_11;
    expect(addresses.row(block)).toBe(5);
    expect(addresses.channel(block)).toBe(1);
    // Rank 0, bank group 2, bank 1.
    expect(addresses.bank(block)).toBe(2 * 2 + 1);
    // The bank group's lower bit below the columns: bits are ro 3, bg 1, ba 1, ch 1, ra 1, co 2, bg 1.
    const split = map("robg1bachracobg1");
    expect(split.bank(0b000_1_0_0_0_00_1)).toBe(3 * 2);
    expect(split.bank(0b000_0_0_0_0_00_1)).toBe(1 * 2);
  });

  it("is refused where a field is missing, unknown, or too wide, and where a size is no power of two", () => {
    expect(() => map("rochrababg")).toThrow(/must name co with its 2 bits/);
    expect(() => map("rochrababgcoxx")).toThrow(/names xx; it can name/);
    expect(() => map("rochrababg9co")).toThrow(/must name bg with its 2 bits/);
    expect(() => map("ro-ch")).toThrow(/no address mapping/);
    expect(() => new AddressMap({ ...small, ranks: 3 })).toThrow(/ranks must be a power of two, but it is 3/);
  });
});
