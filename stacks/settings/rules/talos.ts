import { duplicates, type Rule, rule } from "./rule";

/** Minor versions of Kubernetes that each minor version of Talos supports; the machine configs are written for these. */
const supported: Readonly<Record<string, { from: number; to: number }>> = { "1.12": { from: 30, to: 35 } };

const talosVersion = /^v(\d+\.\d+)\.\d+(-(alpha|beta|rc)\.\d+)?$/;
const kubernetesVersion = /^v1\.(\d+)\.\d+(-(alpha|beta|rc)\.\d+)?$/;

const extension = /^siderolabs\/[a-z0-9]+([._-][a-z0-9]+)*$/;
const gpuExtension = /^siderolabs\/(nvidia-|nonfree-kmod-nvidia|amdgpu|i915|xe$)/;

const sysctl = /^[a-z0-9_-]+([./][A-Za-z0-9_*-]+)+$/;

const labelName = "[A-Za-z0-9]([A-Za-z0-9./_-]*[A-Za-z0-9])?";
const requirement = new RegExp(
  `^(!?${labelName}|${labelName}\\s*(=|==|!=)\\s*[A-Za-z0-9._-]*|${labelName}\\s+(in|notin)\\s+\\([A-Za-z0-9._, -]+\\))$`,
);

/** 51820 is KubeSpan's port, which every node listens on. */
const takenPorts: Readonly<Record<number, string>> = {
  51820: "KubeSpan",
  8472: "Cilium's VXLAN",
};

const peerName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export const talosRules: Rule[] = [
  rule("talos-version-format", ({ versions: { talos } }) =>
    talosVersion.test(talos)
      ? []
      : [
          {
            path: "versions.talos",
            value: talos,
            message: "This is not a version of Talos.",
            allowed: "v<major>.<minor>.<patch>, e.g. v1.12.1",
            fix: /^\d/.test(talos) ? `Write v${talos}.` : "Set orrery:versions.talos to v1.12.1.",
          },
        ],
  ),
  rule("talos-version-supported", ({ versions: { talos } }) => {
    const minor = talosVersion.exec(talos)?.[1];
    if (minor === undefined || Object.hasOwn(supported, minor)) return [];
    return [
      {
        path: "versions.talos",
        value: talos,
        message: "The machine configs are not written for this version of Talos.",
        allowed: Object.keys(supported)
          .map((version) => `v${version}.x`)
          .join(", "),
        fix: "Set orrery:versions.talos to v1.12.1.",
      },
    ];
  }),
  rule("kubernetes-version-format", ({ versions: { kubernetes } }) =>
    kubernetesVersion.test(kubernetes)
      ? []
      : [
          {
            path: "versions.kubernetes",
            value: kubernetes,
            message: "This is not a version of Kubernetes.",
            allowed: "v1.<minor>.<patch>, e.g. v1.35.0",
            fix: /^\d/.test(kubernetes) ? `Write v${kubernetes}.` : "Set orrery:versions.kubernetes to v1.35.0.",
          },
        ],
  ),
  rule("kubernetes-version-supported", ({ versions }) => {
    const range = supported[talosVersion.exec(versions.talos)?.[1] ?? ""];
    const minor = Number(kubernetesVersion.exec(versions.kubernetes)?.[1] ?? Number.NaN);
    if (!range || Number.isNaN(minor) || (minor >= range.from && minor <= range.to)) return [];
    return [
      {
        path: "versions.kubernetes",
        value: versions.kubernetes,
        message: `Talos ${versions.talos} does not run this version of Kubernetes.`,
        allowed: `v1.${range.from}.x to v1.${range.to}.x`,
        fix: `Set orrery:versions.kubernetes to v1.${Math.min(range.to, Math.max(range.from, minor))}.0.`,
      },
    ];
  }),
  rule("extension-name", ({ talos }) =>
    talos.extensions.flatMap((value, index) =>
      extension.test(value)
        ? []
        : [
            {
              path: `talos.extensions[${index}]`,
              value,
              message: "The image factory has only official extensions, and knows them by these names.",
              allowed: "siderolabs/<name>, e.g. siderolabs/iscsi-tools, without a version",
              fix: value.includes("/") ? `Correct orrery:talos.extensions[${index}].` : `Write siderolabs/${value}.`,
            },
          ],
    ),
  ),
  rule("extension-unique", ({ talos: { extensions } }) =>
    duplicates(extensions).map((index) => ({
      path: `talos.extensions[${index}]`,
      value: extensions[index],
      message: "This extension is in the list already.",
      allowed: "each extension once",
      fix: `Remove orrery:talos.extensions[${index}].`,
    })),
  ),
  rule("extension-gpu", ({ talos }) =>
    talos.extensions.flatMap((value, index) =>
      gpuExtension.test(value)
        ? [
            {
              path: `talos.extensions[${index}]`,
              value,
              message:
                "Drivers for GPUs are put into the images of machines with a GPU, in versions that fit together.",
              allowed: "extensions that are not for GPUs",
              fix: `Remove orrery:talos.extensions[${index}] and set gpu.vendor on the dedicated machine.`,
            },
          ]
        : [],
    ),
  ),
  rule("sysctl-key", ({ talos }) =>
    Object.entries(talos.sysctls).flatMap(([key, value]) =>
      sysctl.test(key)
        ? []
        : [
            {
              path: `talos.sysctls["${key}"]`,
              value,
              message: "This is not the name of a kernel parameter.",
              allowed: "names with dots, e.g. net.core.somaxconn, without /proc/sys",
              fix: `Correct the key ${JSON.stringify(key)}.`,
            },
          ],
    ),
  ),
  rule("image-selector", ({ talos: { image } }) =>
    image.selector === undefined || splitSelector(image.selector).every((part) => requirement.test(part))
      ? []
      : [
          {
            path: "talos.image.selector",
            value: image.selector,
            message: "This is not a label selector.",
            allowed: "key, !key, key=value, key!=value, key in (a,b), key notin (a,b), joined by commas",
            fix: "Write it as e.g. os=talos,version=v1.12.1.",
          },
        ],
  ),
  rule("certificate-renewal", ({ talos }) =>
    talos.certificateEarlyRenewalHours < talos.certificateLifetimeHours
      ? []
      : [
          {
            path: "talos.certificateEarlyRenewalHours",
            value: talos.certificateEarlyRenewalHours,
            message: `Certificates live ${talos.certificateLifetimeHours} hours, so every run would renew them.`,
            allowed: `1 to ${talos.certificateLifetimeHours - 1}`,
            fix: `Set orrery:talos.certificateEarlyRenewalHours to ${Math.max(1, Math.floor(talos.certificateLifetimeHours / 12))}.`,
          },
        ],
  ),
  rule("wireguard-port", ({ mesh: { wireguard } }) => {
    const user = takenPorts[wireguard.port];
    if (user === undefined) return [];
    return [
      {
        path: "mesh.wireguard.port",
        value: wireguard.port,
        message: `${user} listens on this UDP port.`,
        allowed: `1024 to 65535, without ${Object.keys(takenPorts).join(" and ")}`,
        fix: "Set orrery:mesh.wireguard.port to 51821.",
      },
    ];
  }),
  rule("wireguard-peer-name", ({ mesh }) =>
    mesh.wireguard.peers.flatMap(({ name }, index) =>
      peerName.test(name)
        ? []
        : [
            {
              path: `mesh.wireguard.peers[${index}].name`,
              value: name,
              message: "It names resources and the client's config file.",
              allowed: "lower-case letters, digits and hyphens, at most 63",
              fix: `Rename orrery:mesh.wireguard.peers[${index}], e.g. to alice-laptop.`,
            },
          ],
    ),
  ),
  rule("wireguard-peer-unique", ({ mesh: { wireguard } }) =>
    duplicates(wireguard.peers.map(({ name }) => name)).map((index) => ({
      path: `mesh.wireguard.peers[${index}].name`,
      value: wireguard.peers[index]!.name,
      message: "Another peer has this name; each device needs keys of its own.",
      allowed: "each name once",
      fix: `Rename orrery:mesh.wireguard.peers[${index}].`,
    })),
  ),
];

/** At commas, but not at those inside `in (a,b)`. */
function splitSelector(selector: string): string[] {
  return selector.split(/,(?![^(]*\))/).map((part) => part.trim());
}
