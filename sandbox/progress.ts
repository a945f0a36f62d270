/** Elapsed time as an operator reads it: 4.2 s, 58 s, 3 min 07 s. */
export function seconds(milliseconds: number): string {
  const total = milliseconds / 1000;
  if (total < 10) return `${total.toFixed(1)} s`;
  if (total < 60) return `${Math.round(total)} s`;
  const rounded = Math.round(total);
  return `${Math.floor(rounded / 60)} min ${String(rounded % 60).padStart(2, "0")} s`;
}

/** Where progress goes: one line that is rewritten on a terminal, a line now and then elsewhere. */
export interface Progress {
  /** A new phase or step begins. */
  step(text: string): void;
  /** The current step's line changed. */
  update(text: string): void;
  /** A line that stays. */
  note(text: string): void;
  done(): void;
}

/** Lines without a terminal come at most this often, so that a CI log shows life without drowning. */
const plainIntervalMs = 15_000;

export function createProgress(out: NodeJS.WriteStream, started = Date.now()): Progress {
  const terminal = out.isTTY === true;
  let lastPlain = 0;
  let open = false;
  const stamp = () => `[${seconds(Date.now() - started).padStart(7)}]`;
  const clear = () => {
    if (open) out.write("\r\x1b[2K");
    open = false;
  };
  return {
    step(text) {
      clear();
      lastPlain = Date.now();
      out.write(`${stamp()} ${text}\n`);
    },
    update(text) {
      if (terminal) {
        const width = (out.columns ?? 100) - 1;
        out.write(`\r\x1b[2K${`${stamp()} ${text}`.slice(0, width)}`);
        open = true;
      } else if (Date.now() - lastPlain >= plainIntervalMs) {
        lastPlain = Date.now();
        out.write(`${stamp()} ${text}\n`);
      }
    },
    note(text) {
      clear();
      out.write(`${text}\n`);
    },
    done: clear,
  };
}
