import { banksPerRank, type DramConfig } from "./config.ts";
import { type Delays, delaysOf } from "./delays.ts";

export const CLOSED = -1;
const LONG_AGO = -(2 ** 30);

/** The last activates of a rank, of which only so many may fall into a window. */
class ActivateWindow {
  private readonly times: Int32Array;
  private readonly clocks: number;
  private oldest = 0;

  constructor(activates: number, clocks: number) {
    this.times = new Int32Array(activates).fill(LONG_AGO);
    this.clocks = clocks;
  }

  /** First clock in which the window has room for another. */
  get openFrom(): number {
    return this.times[this.oldest]! + this.clocks;
  }

  add(clock: number): void {
    this.times[this.oldest] = clock;
    this.oldest = this.oldest + 1 === this.times.length ? 0 : this.oldest + 1;
  }
}

/**
 * When each bank of a channel can take which command at the earliest. What only the bank itself delays is kept for each
 * bank, what neighbours delay for each bank group. Banks are numbered by rank, group and place in the group.
 */
export class BankTimes {
  /** The open row of each bank, or CLOSED. */
  readonly openRow: Int32Array;
  readonly columnsSinceOpen: Int32Array;
  readonly activateFrom: Int32Array;
  readonly prechargeFrom: Int32Array;
  readonly readFrom: Int32Array;
  readonly writeFrom: Int32Array;
  readonly refreshFrom: Int32Array;
  readonly groupActivateFrom: Int32Array;
  readonly groupPrechargeFrom: Int32Array;
  readonly groupReadFrom: Int32Array;
  readonly groupWriteFrom: Int32Array;
  readonly delays: Delays;
  private readonly windows: readonly (readonly ActivateWindow[])[];
  /** The rank and the bank group of each bank; groups are numbered over all ranks. */
  private readonly ranks: Int32Array;
  private readonly groups: Int32Array;
  private readonly banksPerRank: number;
  private readonly bankGroups: number;

  constructor(config: DramConfig) {
    const { ranks, bankGroups, banksPerGroup, timing } = config;
    this.delays = delaysOf(config);
    this.banksPerRank = banksPerRank(config);
    this.bankGroups = bankGroups;
    const ofBanks = (value = 0) => new Int32Array(ranks * this.banksPerRank).fill(value);
    const ofGroups = () => new Int32Array(ranks * bankGroups);
    this.ranks = ofBanks().map((_, bank) => Math.floor(bank / this.banksPerRank));
    this.groups = ofBanks().map((_, bank) => Math.floor(bank / banksPerGroup));
    this.openRow = ofBanks(CLOSED);
    this.columnsSinceOpen = ofBanks();
    this.activateFrom = ofBanks();
    this.prechargeFrom = ofBanks();
    this.readFrom = ofBanks();
    this.writeFrom = ofBanks();
    this.refreshFrom = ofBanks();
    this.groupActivateFrom = ofGroups();
    this.groupPrechargeFrom = ofGroups();
    this.groupReadFrom = ofGroups();
    this.groupWriteFrom = ofGroups();
    this.windows = Array.from({ length: ranks }, () => [
      new ActivateWindow(4, timing.faw),
      ...(timing.aw32 === null ? [] : [new ActivateWindow(32, timing.aw32)]),
    ]);
  }

  rankOf(bank: number): number {
    return this.ranks[bank]!;
  }

  groupOf(bank: number): number {
    return this.groups[bank]!;
  }

  earliestRead(bank: number): number {
    return Math.max(this.readFrom[bank]!, this.groupReadFrom[this.groupOf(bank)]!);
  }

  earliestWrite(bank: number): number {
    return Math.max(this.writeFrom[bank]!, this.groupWriteFrom[this.groupOf(bank)]!);
  }

  earliestPrecharge(bank: number): number {
    return Math.max(this.prechargeFrom[bank]!, this.groupPrechargeFrom[this.groupOf(bank)]!);
  }

  earliestActivate(bank: number): number {
    return Math.max(this.activateFrom[bank]!, this.activateRateFrom(bank));
  }

  /** From when on activates of other banks allow another one: tRRD and tFAW. */
  activateRateFrom(bank: number): number {
    let from = this.groupActivateFrom[this.groupOf(bank)]!;
    for (const window of this.windows[this.rankOf(bank)]!) from = Math.max(from, window.openFrom);
    return from;
  }

  activate(bank: number, row: number, clock: number): void {
    const { delays } = this;
    this.openRow[bank] = row;
    this.columnsSinceOpen[bank] = 0;
    this.activateFrom[bank] = clock + delays.activateAgain;
    this.readFrom[bank] = clock + delays.activateToRead;
    this.writeFrom[bank] = clock + delays.activateToWrite;
    this.prechargeFrom[bank] = Math.max(this.prechargeFrom[bank]!, clock + delays.activateToPrecharge);
    const { sameGroup, otherGroup } = delays.activateToActivate;
    this.delayRank(this.groupActivateFrom, bank, clock + sameGroup, clock + otherGroup);
    for (const window of this.windows[this.rankOf(bank)]!) window.add(clock);
  }

  precharge(bank: number, clock: number): void {
    const { prechargeToActivate, prechargeToPrecharge } = this.delays;
    this.openRow[bank] = CLOSED;
    this.activateFrom[bank] = Math.max(this.activateFrom[bank]!, clock + prechargeToActivate);
    this.refreshFrom[bank] = Math.max(this.refreshFrom[bank]!, clock + prechargeToActivate);
    if (prechargeToPrecharge > 0) {
      const after = clock + prechargeToPrecharge;
      this.delayRank(this.groupPrechargeFrom, bank, after, after);
    }
  }

  read(bank: number, clock: number): void {
    const { readToRead, readToWrite, readToPrecharge } = this.delays;
    this.columnsSinceOpen[bank]!++;
    this.prechargeFrom[bank] = Math.max(this.prechargeFrom[bank]!, clock + readToPrecharge);
    this.delayColumns(this.groupReadFrom, bank, clock, readToRead);
    this.delayColumns(this.groupWriteFrom, bank, clock, readToWrite);
  }

  write(bank: number, clock: number): void {
    const { writeToRead, writeToWrite, writeToPrecharge } = this.delays;
    this.columnsSinceOpen[bank]!++;
    this.prechargeFrom[bank] = Math.max(this.prechargeFrom[bank]!, clock + writeToPrecharge);
    this.delayColumns(this.groupReadFrom, bank, clock, writeToRead);
    this.delayColumns(this.groupWriteFrom, bank, clock, writeToWrite);
  }

  /** Of all banks of a rank, which are closed. */
  refresh(rank: number, clock: number): void {
    const done = clock + this.delays.refreshToActivate;
    for (let bank = rank * this.banksPerRank; bank < (rank + 1) * this.banksPerRank; bank++) {
      this.activateFrom[bank] = Math.max(this.activateFrom[bank]!, done);
      this.refreshFrom[bank] = Math.max(this.refreshFrom[bank]!, done);
    }
  }

  /** Moves the earliest times of a rank's groups: of the bank's own, and of the others. */
  private delayRank(from: Int32Array, bank: number, own: number, others: number): void {
    const group = this.groupOf(bank);
    const first = this.rankOf(bank) * this.bankGroups;
    for (let other = first; other < first + this.bankGroups; other++) {
      const time = other === group ? own : others;
      if (time > from[other]!) from[other] = time;
    }
  }

  private delayColumns(from: Int32Array, bank: number, clock: number, reach: Delays["readToRead"]): void {
    this.delayRank(from, bank, clock + reach.sameGroup, clock + reach.otherGroup);
    if (this.windows.length === 1) return;
    const first = this.rankOf(bank) * this.bankGroups;
    const time = clock + reach.otherRank;
    for (let other = 0; other < from.length; other++) {
      if ((other < first || other >= first + this.bankGroups) && time > from[other]!) from[other] = time;
    }
  }
}
