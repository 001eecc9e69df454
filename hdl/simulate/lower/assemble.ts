import wabt from "wabt";

// Loaded before anything is simulated, so that simulating needs no waiting.
const assembler = await wabt();

/** WebAssembly text as a module. */
export function assemble(text: string): WebAssembly.Module {
  const parsed = assembler.parseWat("simulation.wat", text, { simd: true });
  try {
    return new WebAssembly.Module(parsed.toBinary({}).buffer);
  } finally {
    parsed.destroy();
  }
}
