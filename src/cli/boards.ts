import { Command } from "commander";
import type { Board } from "../devices/board.ts";
import { boardNamed, boardNames, fpgaNamed } from "../devices/library.ts";
import { markdownTable, print, printJson, short, table } from "./output.ts";

interface BoardsOptions {
  readonly json?: boolean;
  readonly markdown?: boolean;
}

export function boardsCommand(): Command {
  return new Command("boards")
    .description("list boards: part, clock, flash, serial line, LEDs and what programs them")
    .argument("[name|file]", "one board only, or a description of your own, which is checked")
    .option("--markdown", "print the table of docs/boards.md")
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExample:\n  accel boards my-board.json\n")
    .action(run);
}

function run(chosen: string | undefined, options: BoardsOptions): void {
  const boards = (chosen === undefined ? boardNames() : [chosen]).map(boardNamed);
  if (options.json === true) {
    printJson({ schema: "accel/boards@1", boards });
    return;
  }
  if (options.markdown === true) {
    print(markdownTable([HEAD, ...boards.map(row)], HEAD));
    return;
  }
  print(table([HEAD, ...boards.map(row)]));
  const notes = boards.flatMap(notesOf);
  if (notes.length > 0) print(`\n${notes.join("\n")}`);
}

const HEAD = ["board", "part", "clock", "flash", "flash lines", "serial line rx / tx", "LEDs", "programmer"];

function row(board: Board): string[] {
  const { clock, flash, uart, leds, programmer } = board;
  return [
    board.name,
    `${fpgaNamed(board.device).title}, ${board.package}`,
    `${clock.MHz} MHz, ${clock.kind === "pin" ? `pin ${clock.pin}` : clock.kind}`,
    flash === null ? "none" : `${short(flash.bytes.value / 2 ** 20)} MB`,
    flash === null ? "0" : `${flash.data.filter((line) => line !== null).length}`,
    uart === null ? "none" : `${uart.rx} / ${uart.tx}${uart.note === null ? "" : " *"}`,
    leds.length === 0 ? "none" : leds.map(({ pin }) => pin).join(" "),
    programmer.tool,
  ];
}

/** What a person has to know before connecting it. */
const notesOf = ({ name, uart, flash }: Board): string[] =>
  [uart?.note, flash?.note].flatMap((note) =>
    note === null || note === undefined ? [] : [`${name}: ${note}`],
  );
