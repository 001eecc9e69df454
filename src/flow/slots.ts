/** Lets only so many do something at a time; the others wait in line. */
export class Slots {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  constructor(count: number) {
    this.free = count;
  }

  /** @throws the signal's reason where it comes first */
  take(stop?: AbortSignal): Promise<void> {
    stop?.throwIfAborted();
    if (this.free > 0) {
      this.free--;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        reject(stop?.reason);
      };
      const enter = (): void => {
        stop?.removeEventListener("abort", leave);
        resolve();
      };
      stop?.addEventListener("abort", leave, { once: true });
      this.waiting.push(enter);
    });
  }

  give(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.free++;
    else next();
  }
}
