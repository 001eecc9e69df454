import { describe, expect, it } from "vitest";
import {
  bit,
  type Design,
  instance,
  module,
  named,
  primitive,
  register,
  type Unsigned,
  unsigned,
} from "../../../hdl/builder/index.ts";
import { writeVerilog } from "../../../hdl/verilog/index.ts";
import { LINTERS } from "./lint.ts";

const delay = (
  width: number,
): Design<{ d: ReturnType<typeof unsigned> }, { q: ReturnType<typeof unsigned> }> =>
  module("delay", { inputs: { d: unsigned(width) }, outputs: { q: unsigned(width) } }, ({ d, q }) =>
    q.set(register("stage", unsigned(width), { next: d })),
  );

/** Instances of some modules, each on its own input and output. */
function holder(modules: readonly ReturnType<typeof delay>[]) {
  const width = (i: number): number => modules[i]!.inputs[0]!.type.width;
  const ports = (prefix: string) =>
    Object.fromEntries(modules.map((_, i) => [`${prefix}${i}`, unsigned(width(i))]));
  return module("holder", { inputs: ports("d"), outputs: ports("q") }, (io) => {
    for (const [i, one] of modules.entries()) {
      const wire = io as unknown as Record<string, Unsigned & { set(value: Unsigned): void }>;
      wire[`q${i}`]!.set(instance(`u${i}`, one, { d: wire[`d${i}`]! }).q);
    }
  });
}

const modulesOf = (verilog: ReturnType<typeof writeVerilog>): string[] =>
  verilog.modules.map(({ moduleName }) => moduleName);

describe("names", () => {
  // Words of both languages, and names that what is made for them would get.
  const odd = module(
    "cell",
    {
      inputs: { output: unsigned(4), reg: bit, logic: bit, a: unsigned(4) },
      outputs: { wire: unsigned(5), endmodule: bit },
    },
    ({ output, reg, logic, a, ...io }) => {
      const sum = output.add(a);
      io.wire.set(sum);
      const always = named("always", reg.and(logic));
      named("STATE_IDLE", always);
      named("output_plus_a", sum.bit(0));
      io.endmodule.set(sum.any().xor(always).xor(sum.bit(4)));
    },
  );

  it("keywords give way, ports say how they are called", () => {
    const { tops, text } = writeVerilog(odd);
    expect(text).toMatch(/^module cell_ \(/m);
    expect(Object.fromEntries(tops[0]!.ports)).toEqual({
      output: "output_",
      reg: "reg_",
      logic: "logic_",
      a: "a",
      wire: "wire_",
      endmodule: "endmodule_",
    });
    expect(text).toMatch(/wire +always_ += reg_ && logic_;/);
  });

  for (const { name, installed, complaints } of LINTERS)
    it.skipIf(!installed)(`${name} takes them`, async () => {
      expect(await complaints(writeVerilog(odd))).toBe("");
    });

  it("what is made for readers gives way to what people have named", () => {
    const made = module(
      "m",
      { inputs: { a: unsigned(4), b: unsigned(4) }, outputs: { q: unsigned(9) } },
      ({ a, b, q }) => {
        const name = named("a_times_b", a.and(b));
        q.set(
          a
            .mul(b)
            .add(a.mul(b).xor(name.extend(8)))
            .truncate(9),
        );
      },
    );
    expect(writeVerilog(made).text).toMatch(/a_times_b_2 += a \* b;/);
  });
});

describe("modules", () => {
  it("that are equal are written once, though made twice", () => {
    const verilog = writeVerilog(holder([delay(4), delay(4), delay(4)]));
    expect(modulesOf(verilog)).toEqual(["holder", "delay"]);
    expect(verilog.text.match(/^ {4}delay u\d \($/gm)).toHaveLength(3);
  });

  it("of one name that differ have numbers in the order of their instances", () => {
    const verilog = writeVerilog(holder([delay(4), delay(8), delay(4), delay(5)]));
    expect(modulesOf(verilog)).toEqual(["holder", "delay", "delay_2", "delay_3"]);
    expect(verilog.text.match(/^ {4}delay\w* u\d \($/gm)).toEqual([
      "    delay u0 (",
      "    delay_2 u1 (",
      "    delay u2 (",
      "    delay_3 u3 (",
    ]);
  });

  it("are not changed by others beside them", () => {
    const alone = writeVerilog(delay(4)).modules[0]!.text;
    const beside = writeVerilog(holder([delay(4), delay(8)])).modules.find(
      ({ moduleName }) => moduleName === "delay",
    );
    expect(beside?.text).toBe(alone);
  });

  it("leave the names of the part's cells to the cells", () => {
    const cell = primitive("delay", { WIDTH: "4" }, delay(4));
    const made = module("top", { inputs: { d: unsigned(4) }, outputs: { q: unsigned(4) } }, ({ d, q }) => {
      const inner = instance("inner", delay(4), { d });
      q.set(instance("cell", cell, { d: inner.q }).q);
    });
    const cells = writeVerilog(made, { sources: false });
    expect(modulesOf(cells)).toEqual(["top", "delay_2"]);
    expect(cells.text).toMatch(/delay #\(\n {8}\.WIDTH \(4\)\n {4}\) cell_ \(/);
    // Its model is the very same module.
    const models = writeVerilog(made, { sources: false, primitives: "models" });
    expect(modulesOf(models)).toEqual(["top", "delay"]);
    expect(models.text).toMatch(/^ {4}delay cell_ \($/m);
  });

  it("say where they come from, if that is wanted", () => {
    expect(writeVerilog(delay(4)).text).toMatch(/^\/\/ names\.test\.ts:\d+$/m);
    expect(writeVerilog(delay(4)).text).toMatch(/reg \[3:0\] stage; {2}\/\/ names\.test\.ts:\d+$/m);
    expect(writeVerilog(delay(4), { sources: false }).text).not.toContain("names.test.ts");
  });
});
