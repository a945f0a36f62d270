import { lookup } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";

const answerWithinMs = 2_000;
const answers = new Map<string, Promise<boolean>>();

/** Whether the host's name resolves, asked once for each host in the life of the process. */
export function resolves(host: string, ask: (host: string) => Promise<unknown> = lookup): Promise<boolean> {
  let answer = answers.get(host);
  if (!answer) {
    answer = askWithin(host, ask);
    answers.set(host, answer);
  }
  return answer;
}

async function askWithin(host: string, ask: (host: string) => Promise<unknown>): Promise<boolean> {
  const abort = new AbortController();
  const known = ask(host).then(
    () => true,
    () => false,
  );
  const late = sleep(answerWithinMs, false, { signal: abort.signal, ref: false }).catch(() => false);
  const answer = await Promise.race([known, late]);
  abort.abort();
  return answer;
}
