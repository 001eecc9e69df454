import type { DramCommand } from "../../../sim/dram/channel.ts";
import { banksPerRank, type DramConfig } from "../../../sim/dram/config.ts";

/**
 * Checks a channel's commands against the parameters of the standard, one rule after the other, by looking at every earlier
 * command: slow, and with nothing in common with how the controller keeps its times. Says what is broken; null if nothing.
 */
export function illegality(config: DramConfig, commands: readonly DramCommand[]): string | null {
  for (const [index, command] of commands.entries()) {
    const rule = brokenRule(config, command, commands.slice(0, index));
    if (rule !== null) return `${rule}: ${command.kind} of bank ${command.bank} in clock ${command.clock}`;
  }
  return null;
}

type Rule = readonly [name: string, isMet: boolean];

function brokenRule(config: DramConfig, command: DramCommand, before: readonly DramCommand[]): string | null {
  const rules = [...busRules(config, command, before), ...rulesOf(config, command, before)];
  return rules.find(([, isMet]) => !isMet)?.[0] ?? null;
}

const isColumn = ({ kind }: DramCommand): boolean => kind === "read" || kind === "write";
const rankOf = (config: DramConfig, { bank }: DramCommand): number => Math.floor(bank / banksPerRank(config));
const groupOf = (config: DramConfig, { bank }: DramCommand): number =>
  Math.floor(bank / config.banksPerGroup);
const last = (before: readonly DramCommand[], where: (command: DramCommand) => boolean): number =>
  before.findLast(where)?.clock ?? Number.NEGATIVE_INFINITY;

/** One command a clock, or one for a row and one for a column. */
function busRules(config: DramConfig, command: DramCommand, before: readonly DramCommand[]): Rule[] {
  const now = before.filter(({ clock }) => clock === command.clock);
  const most = config.dualCommand
    ? now.every((other) => isColumn(other) !== isColumn(command))
    : now.length === 0;
  return [
    ["commands in order", before.every(({ clock }) => clock <= command.clock)],
    ["room on the command bus", most],
  ];
}

function rulesOf(config: DramConfig, command: DramCommand, before: readonly DramCommand[]): Rule[] {
  const { timing, burstClocks } = config;
  const { clock, kind, bank } = command;
  const rank = rankOf(config, command);
  const ofBank = before.filter((other) => other.kind !== "refresh" && other.bank === bank);
  const ofRank = before.filter((other) => rankOf(config, other) === rank);
  const since = (of: readonly DramCommand[], what: DramCommand["kind"]): number =>
    clock - last(of, (other) => other.kind === what);
  const row = ofBank.findLast((other) => other.kind === "activate" || other.kind === "precharge");
  const isOpen = row?.kind === "activate";
  const writeEnd = timing.al + timing.cwl + burstClocks;
  switch (kind) {
    case "activate": {
      const activates = ofRank.filter((other) => other.kind === "activate");
      const inGroup = activates.filter((other) => groupOf(config, other) === groupOf(config, command));
      const rrdL = config.bankGroups === 1 ? timing.rrdS : timing.rrdL;
      return [
        ["closed", !isOpen],
        ["tRP", since(ofBank, "precharge") >= timing.rp],
        ["tRC", since(ofBank, "activate") >= timing.ras + timing.rp],
        ["tRRD_S", since(activates, "activate") >= timing.rrdS],
        ["tRRD_L", since(inGroup, "activate") >= rrdL],
        ["tFAW", clock - (activates.at(-4)?.clock ?? Number.NEGATIVE_INFINITY) >= timing.faw],
        ["t32AW", clock - (activates.at(-32)?.clock ?? Number.NEGATIVE_INFINITY) >= (timing.aw32 ?? 0)],
        ["tRFC", since(ofRank, "refresh") >= timing.rfc],
      ];
    }
    case "precharge":
      return [
        ["open", isOpen],
        ["tRAS", since(ofBank, "activate") >= timing.ras],
        ["tRTP", since(ofBank, "read") >= timing.al + timing.rtp],
        ["tWR", since(ofBank, "write") >= writeEnd + timing.wr],
        ["tPPD", since(ofRank, "precharge") >= timing.ppd],
      ];
    case "refresh":
      return [
        ["all closed", allClosed(config, rank, ofRank)],
        ["tRP", since(ofRank, "precharge") >= timing.rp],
        ["tRFC", since(ofRank, "refresh") >= timing.rfc],
      ];
    default: {
      const rcd = (kind === "read" ? timing.rcdRead : timing.rcdWrite) - timing.al;
      const same = ofRank.filter(({ kind: other }) => other === kind);
      const inGroup = same.filter((other) => groupOf(config, other) === groupOf(config, command));
      const ccdL = config.bankGroups === 1 ? timing.ccdS : timing.ccdL;
      const wtrL = config.bankGroups === 1 ? timing.wtrS : timing.wtrL;
      const groupWrites = ofRank.filter((other) => groupOf(config, other) === groupOf(config, command));
      return [
        ["the row is open", isOpen && row.row === command.row],
        ["tRCD", since(ofBank, "activate") >= rcd],
        ["tCCD_S", since(same, kind) >= timing.ccdS],
        ["tCCD_L", since(inGroup, kind) >= ccdL],
        ["tWTR_S", kind === "write" || since(ofRank, "write") >= writeEnd + timing.wtrS],
        ["tWTR_L", kind === "write" || since(groupWrites, "write") >= writeEnd + wtrL],
        ["the data bus", dataBusIsFree(config, command, before)],
      ];
    }
  }
}

function allClosed(config: DramConfig, rank: number, ofRank: readonly DramCommand[]): boolean {
  const banks = Array.from({ length: banksPerRank(config) }, (_, i) => rank * banksPerRank(config) + i);
  return banks.every((bank) => {
    const rows = ofRank.filter(
      (other) => other.bank === bank && !isColumn(other) && other.kind !== "refresh",
    );
    return rows.at(-1)?.kind !== "activate";
  });
}

/** Data of two commands never meet, and between ranks, but for two writes, and from reads to writes, there is tRTRS. */
function dataBusIsFree(config: DramConfig, command: DramCommand, before: readonly DramCommand[]): boolean {
  const { timing, burstClocks } = config;
  const start = ({ kind, clock }: DramCommand): number =>
    clock + timing.al + (kind === "read" ? timing.cl : timing.cwl);
  return before.filter(isColumn).every((other) => {
    const otherRank = rankOf(config, other) !== rankOf(config, command);
    const writes = other.kind === "write" && command.kind === "write";
    const turns = other.kind === "read" && command.kind === "write";
    const gap = (otherRank && !writes) || turns ? timing.rtrs : 0;
    return (
      start(command) >= start(other) + burstClocks + gap || start(other) >= start(command) + burstClocks + gap
    );
  });
}
