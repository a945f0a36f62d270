import { z } from "zod";
import { doc } from "./doc";

export const VersionSettings = z.strictObject({
  talos: doc(z.string().default("v1.12.1"), "Version of Talos Linux.", { allowed: "v1.12.x" }),
  kubernetes: doc(z.string().default("v1.35.0"), "Version of Kubernetes.", {
    allowed: "what the Talos version supports: v1.30.x to v1.35.x with Talos 1.12",
  }),
});

export const TalosSettings = z.strictObject({
  image: doc(
    z
      .strictObject({
        source: doc(
          z.enum(["build", "snapshot"]).default("build"),
          "build: make the snapshot in the account when it is missing; snapshot: it must exist.",
        ),
        selector: doc(z.string().min(1).optional(), "Label selector of the snapshot.", {
          defaultText: "`os=talos` with the version and schematic in use",
          allowed: "Hetzner label selector, e.g. `os=talos,version=v1.12.1`",
        }),
        sshPort: doc(
          z.number().int().min(1).max(65535).default(22),
          "Port on which the temporary server's rescue system answers SSH, while the image is built.",
        ),
      })
      .prefault({}),
    "Where the Talos image comes from.",
    { replaces: "nothing; servers keep the image that they were made from" },
  ),
  diskEncryption: doc(
    z.boolean().default(true),
    "Encrypt the state and data partitions (LUKS2, key bound to the node).",
    { replaces: "nothing; applies to machines installed after the change" },
  ),
  extensions: doc(
    z.array(z.string()).default([]),
    "More system extensions in the image. Those for GPUs are added by the machine's `gpu`.",
    { allowed: "official extensions, `siderolabs/<name>`, each once", replaces: "the image" },
  ),
  nvidia: doc(
    z
      .strictObject({
        modules: doc(
          z.enum(["open", "closed"]).default("open"),
          "Kernel modules of machines with NVIDIA's GPUs: the open ones, which newer cards need, or the proprietary ones.",
          { allowed: "open for Blackwell", replaces: "the image of these machines" },
        ),
        branch: doc(
          z.enum(["lts", "production"]).default("lts"),
          "Branch of NVIDIA's driver; modules and container toolkit are always of the same one. With Talos 1.12: lts is 580, production 570.",
          { allowed: "lts for RTX PRO Blackwell", replaces: "the image of these machines" },
        ),
      })
      .prefault({}),
    "NVIDIA's driver, on machines that have such a GPU.",
  ),
  sysctls: doc(z.record(z.string(), z.string()).default({}), "Kernel parameters on all machines.", {
    allowed: "keys such as `net.core.somaxconn`, values as strings",
  }),
  certificateLifetimeHours: doc(
    z.number().int().min(24).max(87600).default(8760),
    "Lifetime of the client certificates in kubeconfig and talosconfig, in hours.",
    { replaces: "the client certificates" },
  ),
  certificateEarlyRenewalHours: doc(
    z.number().int().min(1).default(720),
    "Those certificates are renewed by the first `up` within this many hours of their end.",
    { allowed: "less than certificateLifetimeHours" },
  ),
});
