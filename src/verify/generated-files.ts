import { createHash } from "node:crypto";
import { decoder } from "../../hdl/decoder/decoder.ts";
import { writeVerilog } from "../../hdl/verilog/index.ts";
import type { FolderFile } from "../flow/write-folder.ts";
import type { Circuit } from "./circuit.ts";
import { testBench } from "./test-bench.ts";
import type { Vectors } from "./vectors.ts";

export const MANIFEST = "manifest.json";
/** By which a generated folder is known. */
export const GENERATED_MARK = { file: MANIFEST, schema: "accel/generated@1" } as const;

/** What a generated folder says about itself. */
export interface Manifest {
  readonly schema: "accel/generated@1";
  readonly machine: string;
  /** Hash that program and circuit have to agree on. */
  readonly fingerprint: string;
  readonly model: string;
  readonly compression: string;
  /** Tokens that there is room for. */
  readonly context: number;
  /** Module of the decoder. */
  readonly top: string;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

export interface Named {
  readonly model: string;
  readonly compression: string;
}

/** Verilog of the decoder, contents of its memories, its program, and a test bench that plays a token. */
export function generatedFiles(circuit: Circuit, vectors: Vectors, named: Named): FolderFile[] {
  const { program, images, sizes } = circuit;
  const { machine } = sizes;
  const verilog = writeVerilog(decoder(sizes), { sources: false, primitives: "cells" });
  const [top] = verilog.tops;
  if (top === undefined) throw new RangeError("a decoder is written");
  const bench = testBench(circuit, vectors);
  const files: FolderFile[] = [
    { name: "hdl/decoder.v", contents: verilog.text },
    ...verilog.data.map(({ name, text }) => ({ name: `hdl/${name}`, contents: text })),
    { name: "program.bin", contents: program.bytes },
    ...machine.memories.map(({ name }, i) => ({
      name: `memories/${name}.bin`,
      contents: images[i] ?? new Uint8Array(0),
    })),
    ...[...bench.sources, ...bench.data].map(({ name, text }) => ({ name: `bench/${name}`, contents: text })),
    { name: "README.md", contents: readme(machine.name, named, vectors.cycles) },
  ];
  const manifest: Manifest = {
    schema: "accel/generated@1",
    machine: machine.name,
    fingerprint: program.fingerprint,
    ...named,
    context: program.context,
    top: top.moduleName,
    files: files.map(({ name, contents }) => {
      const bytes = Buffer.from(contents);
      return { name, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
    }),
  };
  return [...files, { name: MANIFEST, contents: `${JSON.stringify(manifest, null, 2)}\n` }];
}

const readme = (
  machine: string,
  { model, compression }: Named,
  cycles: number,
): string => `# A decoder for ${model}

Machine ${machine}, ${compression}. Written by \`accel generate\`; \`${MANIFEST}\` has a hash of every file.

- \`hdl/\`: the decoder in Verilog-2005. Its ports: \`requests\` and \`responses\` of each memory, a port that writes the program, and
  one that starts a token.
- \`program.bin\`: the program, a header of 32 bytes and 24 bytes an instruction.
- \`memories/\`: what stands in each memory before the first token.
- \`bench/\`: a board with its memories, and a test bench that plays ${cycles} cycles, from the reset to a token's end, and looks at
  every output in every cycle:

      cd bench && iverilog -g2005 -s run -o bench.vvp *.v && vvp -n bench.vvp
`;
