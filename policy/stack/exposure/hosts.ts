/** Whether a certificate's name covers a host: a wildcard stands for exactly one label, the leftmost one. */
export function certificateCovers(dnsName: string, host: string): boolean {
  const name = dnsName.toLowerCase();
  const wanted = host.toLowerCase();
  if (name === wanted) return true;
  if (!name.startsWith("*.")) return false;
  const [first = "", ...rest] = wanted.split(".");
  // A wildcard host is covered by the same wildcard only, which was the first question.
  return first !== "" && first !== "*" && rest.length > 1 && `*.${rest.join(".")}` === name;
}

/**
 * Whether a Gateway's listener takes a route's host: no hostname takes all, and a wildcard stands for one label or more.
 * A wildcard route is taken by a listener that it can share a host with.
 */
export function listenerTakes(listener: string | undefined, host: string): boolean {
  if (listener === undefined || listener === "") return true;
  const [one, other] = [listener.toLowerCase(), host.toLowerCase()];
  return one === other || within(one, other) || within(other, one);
}

const within = (wildcard: string, host: string) =>
  wildcard.startsWith("*.") && host.endsWith(wildcard.slice(1)) && host.length > wildcard.length - 1;
