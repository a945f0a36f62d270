/** A server type of the API, as far as the image builder looks at it. */
export interface ServerType {
  name: string;
  architecture: "x86" | "arm";
  /** GB */
  disk: number;
  prices: { location: string; price_hourly: { net: string } }[];
  locations?: { name: string; available?: boolean; deprecation?: unknown }[];
}

/** A server must have at least the disk that its snapshot was taken from; this is the smallest there is. */
export const SNAPSHOT_DISK_GB = 40;

/** Types that can build the image, cheapest first. Availability is only an indication: the order may still fail. */
export function buildCandidates(types: readonly ServerType[], architecture: "x86" | "arm", location: string): string[] {
  return types
    .filter((type) => type.architecture === architecture && type.disk <= SNAPSHOT_DISK_GB)
    .flatMap((type) => {
      const price = type.prices.find((candidate) => candidate.location === location);
      const place = type.locations?.find((candidate) => candidate.name === location);
      if (!price || place?.available === false || place?.deprecation) return [];
      return [{ name: type.name, hourly: Number(price.price_hourly.net) }];
    })
    .sort((a, b) => a.hourly - b.hourly || a.name.localeCompare(b.name))
    .map(({ name }) => name);
}
