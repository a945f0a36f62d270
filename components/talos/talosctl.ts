import * as pulumi from "@pulumi/pulumi";

/** A machine that boots, joins the network and gets its certificate; and one that reboots after a change. */
const MACHINE_WAIT_SECONDS = 900;

export type TalosScript = "apply-first" | "apply-change" | "join" | "leave" | "bootstrap";

/**
 * Command line of a script in ./scripts. A file, not its text: the text of a Command is in the state twice for every
 * machine, and a better error message would run it again on all of them. Commands run in the project's folder.
 */
export function talosScript(script: TalosScript): string {
  return `sh components/talos/scripts/${script}.sh`;
}

export interface TalosctlTarget {
  /** Machine's name, for messages. */
  machine: string;
  /** Machines that the call goes through. */
  endpoints: pulumi.Input<pulumi.Input<string>[]>;
  /** The machine's own address, as the endpoints reach it. */
  node: pulumi.Input<string>;
  talosconfig: pulumi.Input<string>;
}

/** The environment that the scripts expect. */
export function talosctlEnvironment(target: TalosctlTarget): Record<string, pulumi.Input<string>> {
  return {
    TALOSCONFIG_CONTENT: pulumi.secret(target.talosconfig),
    ENDPOINTS: pulumi.output(target.endpoints).apply((endpoints) => endpoints.join(",")),
    NODE: target.node,
    MACHINE: target.machine,
    WAIT_SECONDS: String(MACHINE_WAIT_SECONDS),
  };
}
