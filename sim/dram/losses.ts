/** Why no data moved in a clock. */
export const LOSSES = [
  "refresh",
  "bank group",
  "turnaround",
  "rank switch",
  "activate rate",
  "row cycle",
  "requests",
  "command bus",
] as const;
export type Loss = (typeof LOSSES)[number];

/** Clocks in which no data moved, by the reason. */
export type LostClocks = Readonly<Record<Loss, number>>;

/** What is known of a column command, to find what held it up. */
export interface ColumnCommand {
  readonly clock: number;
  readonly write: boolean;
  readonly rank: number;
  /** From when on: the request was there; its row was open; other column commands allowed it. */
  readonly requestFrom: number;
  readonly rowFrom: number;
  readonly columnFrom: number;
  /** Why the row was not open sooner. */
  readonly rowLoss: Loss;
  /** When its rank was last refreshed. */
  readonly refreshed: number;
}

/** Adds up, command by command, the clocks between one burst and the next, each with its reason. */
export class LossAccount {
  readonly clocks: Record<Loss, number>;
  private readonly burstClocks: number;
  private last: { clock: number; write: boolean; rank: number } | null = null;

  constructor(burstClocks: number) {
    this.burstClocks = burstClocks;
    this.clocks = {
      refresh: 0,
      "bank group": 0,
      turnaround: 0,
      "rank switch": 0,
      "activate rate": 0,
      "row cycle": 0,
      requests: 0,
      "command bus": 0,
    };
  }

  add(command: ColumnCommand): void {
    const { last } = this;
    const { clock, write, rank } = command;
    if (last === null) {
      this.clocks.requests += clock;
      this.last = { clock, write, rank };
      return;
    }
    const free = last.clock + this.burstClocks;
    const unasked = Math.max(0, Math.min(command.requestFrom, clock) - free);
    this.clocks.requests += unasked;
    const lost = clock - free - unasked;
    if (lost !== 0) this.clocks[this.reason(command, last)] += lost;
    last.clock = clock;
    last.write = write;
    last.rank = rank;
  }

  /** After the last command: nothing more to ask for. */
  end(clock: number): void {
    this.clocks.requests += this.last === null ? clock : clock - this.last.clock - this.burstClocks;
  }

  private reason(command: ColumnCommand, last: { clock: number; write: boolean; rank: number }): Loss {
    const { clock, write, rank, rowFrom, columnFrom, rowLoss, refreshed } = command;
    if (refreshed > last.clock) return "refresh";
    if (Math.max(rowFrom, columnFrom) < clock) return "command bus";
    if (columnFrom < rowFrom) return rowLoss;
    if (write !== last.write) return "turnaround";
    return rank === last.rank ? "bank group" : "rank switch";
  }
}
