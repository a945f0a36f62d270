import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Foundation } from "../../../../components/hetzner/foundation";
import { Cluster } from "../../../../components/talos/cluster";
import { parseSettings, readStackFile } from "../../../../stacks/settings";
import { Settings, type SettingsInput } from "../../../../stacks/settings/schema";
import { mock, type Outputs, type Recording } from "../hetzner/mocks";

/** Settings with their defaults, from few words. */
export function settings(input: Partial<SettingsInput> = {}): Settings {
  return Settings.parse({
    environment: "dev",
    cluster: { name: "demo", domain: "example.com" },
    access: { adminCidrs: ["203.0.113.7/32"] },
    controlPlane: { count: 1, locations: ["fsn1"] },
    pools: [{ name: "general", count: 2, serverType: "cpx42", locations: ["fsn1", "nbg1"] }],
    ...input,
  });
}

/** The settings of one of the project's own stacks. */
export function stackSettings(stack: "dev" | "prod"): Settings {
  const file = join(__dirname, "../../../..", `Pulumi.${stack}.yaml`);
  return parseSettings(readStackFile(readFileSync(file, "utf8")));
}

/** PEM stand-ins that tell what they are of; addresses 198.51.100.n in the order of registration. */
const outputs: Outputs = ({ type, name }, index) => {
  switch (type) {
    case "hcloud:index/primaryIp:PrimaryIp":
      return { ipAddress: `198.51.100.${index}` };
    case "hcloud:index/loadBalancer:LoadBalancer":
      return { ipv4: "198.51.100.250" };
    case "tls:index/privateKey:PrivateKey":
      return { privateKeyPem: `key of ${name}` };
    case "tls:index/selfSignedCert:SelfSignedCert":
    case "tls:index/locallySignedCert:LocallySignedCert":
      return { certPem: `certificate of ${name}` };
    case "tls:index/certRequest:CertRequest":
      return { certRequestPem: `request of ${name}` };
    case "random:index/randomPassword:RandomPassword":
      if (!name.includes("-token-")) return { result: `key ${index}` };
      return { result: "a".repeat(name.endsWith("-id") ? 6 : 16) };
    case "command:local:Command":
      return { stdout: name.includes("image") ? '{"imageId": 77}' : "" };
    default:
      return undefined;
  }
};

export interface Environment {
  recording: Recording;
  foundation: Foundation;
  cluster: Cluster;
}

/** Foundation and cluster of these settings, under mocks. */
export async function environment(input: Settings, protection = false): Promise<Environment> {
  const recording = await mock(outputs);
  const foundation = new Foundation("foundation", { ...input, protection, hetzner: { token: pulumi.secret("token") } });
  const cluster = new Cluster("cluster", { ...input, foundation, protection });
  await pulumi.runtime.disconnect();
  return { recording, foundation, cluster };
}
