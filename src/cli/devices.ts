import { Command } from "commander";
import { deviceNamed, deviceNames, machineFrom, machineNames } from "../devices/library.ts";
import { print, printJson, table, whole } from "./output.ts";

export function devicesCommand(): Command {
  return new Command("devices")
    .description("list parts and the machines that are described for them")
    .option("--json", "print one JSON object")
    .action(run);
}

function run(options: { readonly json?: boolean }): void {
  const devices = deviceNames().map(deviceNamed);
  const machines = machineNames().map(machineFrom);
  if (options.json === true) {
    printJson({ schema: "accel/devices@1", devices, machines });
    return;
  }
  print(
    table([
      ["device", "what it is", "multipliers", "block RAM (bytes)", "large memories (bytes)", "figures"],
      ...devices.map((device) => [
        device.name,
        device.title,
        whole(device.multipliers.value),
        whole(device.blockRamBytes.value),
        whole(device.largeRamBytes.value),
        device.multipliers.kind,
      ]),
    ]),
  );
  print("");
  print(
    table([
      ["machine", "device", "MHz", "multipliers", "weights from", "what it is"],
      ...machines.map((machine) => [
        machine.name,
        machine.device,
        String(machine.clockMHz),
        whole(machine.matrix.lanes),
        machine.memories.find((memory) => memory.holds.includes("weights"))!.name,
        machine.summary,
      ]),
    ]),
  );
}
