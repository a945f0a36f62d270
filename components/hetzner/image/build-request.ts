import { z } from "zod";

/** What build.ts reads from stdin. Secret, because of the token. */
export const ImageBuildRequest = z.object({
  cluster: z.string(),
  /** Talos version with its v. */
  version: z.string(),
  /** Canonical YAML. */
  schematic: z.string(),
  schematicId: z.string(),
  architecture: z.enum(["x86", "arm"]),
  imageUrl: z.url(),
  /** Where the temporary server runs. */
  location: z.string(),
  /** Of the rescue system. */
  sshPort: z.number().int().default(22),
  token: z.string().min(1),
  endpoint: z.string().default("https://api.hetzner.cloud/v1"),
});
export type ImageBuildRequest = z.output<typeof ImageBuildRequest>;
export type ImageBuildRequestInput = z.input<typeof ImageBuildRequest>;
