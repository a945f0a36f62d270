import { kindOf } from "./context";
import type { Store } from "./store";
import type { Remaining } from "./types";

const counted = [
  "servers",
  "networks",
  "load_balancers",
  "primary_ips",
  "volumes",
  "firewalls",
  "placement_groups",
  "ssh_keys",
] as const;

/** Everything in the account that costs money or takes a name. Kinds as the API calls them; images are "snapshot". */
export function remaining(store: Store): Remaining[] {
  const resources = counted.flatMap((table) =>
    store.all(table).map(({ id, name }) => ({ kind: kindOf(table), id, name })),
  );
  const snapshots = store
    .all("images")
    .filter((image) => image.type !== "system" && image.deleted === null)
    .map(({ id, name, type }) => ({ kind: type, id, name }));
  return [...resources, ...snapshots];
}
