import type { ImageRecord } from "./records";

/** The system images that anybody finds in an empty project. */
const systems = [
  { id: 161547269, name: "ubuntu-24.04", flavor: "ubuntu", version: "24.04", architecture: "x86" },
  { id: 161547270, name: "ubuntu-24.04", flavor: "ubuntu", version: "24.04", architecture: "arm" },
  { id: 114690387, name: "debian-12", flavor: "debian", version: "12", architecture: "x86" },
  { id: 114690389, name: "debian-12", flavor: "debian", version: "12", architecture: "arm" },
  { id: 310557660, name: "debian-13", flavor: "debian", version: "13", architecture: "x86" },
  { id: 310557661, name: "debian-13", flavor: "debian", version: "13", architecture: "arm" },
] as const;

export function systemImages(): ImageRecord[] {
  return systems.map((system) => ({
    id: system.id,
    name: system.name,
    created: "2026-01-15T08:00:00+00:00",
    labels: {},
    type: "system",
    status: "available",
    description: `${system.flavor} ${system.version}`,
    architecture: system.architecture,
    os_flavor: system.flavor,
    os_version: system.version,
    disk_size: 5,
    image_size: null,
    bound_to: null,
    created_from: null,
    deprecated: null,
    deleted: null,
    protection: { delete: false },
    disk: { os: "other" },
  }));
}
