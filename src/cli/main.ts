#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { NetlistError } from "../../hdl/netlist/index.ts";
import { InputError } from "../../models/errors.ts";
import { closeTools } from "../flow/tool.ts";
import { ToolError } from "../flow/tool-error.ts";
import { ablateCommand } from "./ablate.ts";
import { areaCommand } from "./area.ts";
import { boardsCommand } from "./boards.ts";
import { buildCommand } from "./build.ts";
import { chatCommand } from "./chat.ts";
import { compileCommand } from "./compile.ts";
import { devicesCommand } from "./devices.ts";
import { evalCommand } from "./eval.ts";
import { flashCommand } from "./flash.ts";
import { generateCommand } from "./generate.ts";
import { logitsCommand } from "./logits.ts";
import { memoryCommand } from "./memory.ts";
import { modelsCommand } from "./models.ts";
import { proveCommand } from "./prove.ts";
import { rooflineCommand } from "./roofline.ts";
import { simCommand } from "./sim.ts";
import { validateCommand } from "./validate.ts";
import { verifyCommand } from "./verify.ts";

const program = new Command("accel")
  .description("What does a compressed language model cost on hardware, and does the hardware do it right?")
  .version("0.1.0")
  .showHelpAfterError("(--help says what is possible)")
  .addHelpText("after", "\nTo begin with:\n  accel sim --model llama-tiny --sparsity 2:4\n");

for (const command of [
  simCommand(),
  evalCommand(),
  compileCommand(),
  logitsCommand(),
  modelsCommand(),
  rooflineCommand(),
  validateCommand(),
  ablateCommand(),
  devicesCommand(),
  memoryCommand(),
  boardsCommand(),
  buildCommand(),
  flashCommand(),
  areaCommand(),
  chatCommand(),
  generateCommand(),
  verifyCommand(),
  proveCommand(),
]) {
  program.addCommand(command);
}
for (const command of [program, ...program.commands]) command.exitOverride();

// Whoever reads our output may stop early, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof InputError) {
    process.stderr.write(`accel: ${error.message}\n`);
    process.exitCode = error.exitCode;
  } else if (error instanceof ToolError || error instanceof NetlistError) {
    process.stderr.write(`accel: ${error.message}\n`);
    process.exitCode = 2;
  } else throw error;
} finally {
  closeTools();
}
