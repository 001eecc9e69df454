import { matricesOf } from "../../models/decoder/integer/model.ts";
import type { Stage, StageFile } from "../report/build-data.ts";
import type { Circuit } from "../verify/circuit.ts";
import type { Build } from "./build.ts";
import { BITSTREAM, FLASH, MODEL, NETLIST, PLACED } from "./files.ts";
import type { Manifest } from "./manifest.ts";

/** The way from the model to what is written to the flash: what makes each step, and the files of the build that it leaves. */
export function buildStages(
  build: Pick<Build, "design" | "source" | "cells" | "seed">,
  manifest: Manifest,
  circuit: Circuit,
): Stage[] {
  const { model, weights, sparsity, kv, method } = manifest.settings;
  const { accel, yosys, "nextpnr-ice40": nextpnr, icepack } = manifest.tools;
  const { program, model: integers } = circuit;
  const { embedding } = integers;
  const parameters = [embedding, ...Array.from(matricesOf(integers), ([, matrix]) => matrix)];
  const count = parameters.reduce((sum, { rows, cols }) => sum + rows * cols, 0);
  const lines = build.source.text.split("\n").length;
  const filesOf = (isOne: (name: string) => boolean): StageFile[] =>
    manifest.files.filter(({ name }) => isOne(name));
  const named = (...names: readonly string[]): StageFile[] => filesOf((name) => names.includes(name));
  return [
    { name: "model", by: model, about: `${whole(count)} parameters`, files: [] },
    {
      name: "compressed",
      by: tool("accel", accel),
      about: `${sparsity}, ${weights}, kv${kv}, by ${method}`,
      files: [],
    },
    {
      name: "program and image",
      by: tool("accel", accel),
      about: `${whole(program.instructions.length)} instructions, room for ${whole(program.context)} tokens`,
      files: named("program.bin", MODEL),
    },
    {
      name: "Verilog",
      by: tool("accel", accel),
      about: `${whole(lines)} lines`,
      files: filesOf((name) => name.startsWith("hdl/") || name.endsWith(".pcf")),
    },
    {
      name: "netlist",
      by: tool("yosys", yosys),
      about: `${whole(build.cells.lut4)} LUT4s, ${whole(build.cells.flipFlops)} flip-flops`,
      files: named(NETLIST),
    },
    {
      name: "placement",
      by: tool("nextpnr-ice40", nextpnr),
      about: `seed ${build.seed}`,
      files: named(PLACED, "placed.asc"),
    },
    { name: "bitstream", by: tool("icepack", icepack), about: "", files: named(BITSTREAM) },
    {
      name: "flash",
      by: tool("accel", accel),
      about: `bitstream and image, which begins at 0x${build.design.window.base.toString(16)}`,
      files: named(FLASH),
    },
  ];
}

const tool = (name: string, version: string | undefined): string =>
  version === undefined ? name : `${name} ${version}`;

const whole = (count: number): string => count.toLocaleString("en-US");
