import { type CheckFailure, containsSecret, type PropertyMap, secret, UNKNOWN, unwrapSecrets } from "../framework";
import { object, strings } from "../framework/local-resource";
import type { CommandLine, CommandOutput } from "./process";

const LOGGING = ["none", "stdout", "stderr", "stdoutAndStderr"];

export function checkCommand(inputs: PropertyMap, allowed: readonly string[]): CheckFailure[] {
  const failures = Object.keys(inputs)
    .filter((property) => !allowed.includes(property) && !property.startsWith("__"))
    .map((property) => ({ property, reason: `${property} is not one of ${allowed.join(", ")}` }));
  for (const property of ["assetPaths", "archivePaths"]) {
    if (inputs[property] !== undefined) {
      const reason = `the built-in command provider does not support ${property}: read the file in the program instead`;
      failures.push({ property, reason });
    }
  }
  const logging = unwrapSecrets(inputs["logging"]);
  if (typeof logging === "string" && !LOGGING.includes(logging)) {
    failures.push({ property: "logging", reason: `logging is "${logging}", but must be one of ${LOGGING.join(", ")}` });
  }
  return failures;
}

/** The previous outputs reach the command as PULUMI_COMMAND_STDOUT and _STDERR, unless that is switched off. */
export function environmentOf(inputs: PropertyMap, previous: Partial<CommandOutput>): Record<string, string> {
  const environment = Object.fromEntries(
    Object.entries(object(inputs["environment"])).map(([key, value]) => [key, String(value)]),
  );
  if (inputs["addPreviousOutputInEnv"] === false) {
    return environment;
  }
  return {
    ...environment,
    ...(previous.stdout && { PULUMI_COMMAND_STDOUT: previous.stdout }),
    ...(previous.stderr && { PULUMI_COMMAND_STDERR: previous.stderr }),
  };
}

export function loggingOf(inputs: PropertyMap): CommandLine["logging"] {
  const logging = String(inputs["logging"] ?? "stdoutAndStderr");
  return {
    stdout: logging === "stdout" || logging === "stdoutAndStderr",
    stderr: logging === "stderr" || logging === "stdoutAndStderr",
  };
}

export function localCommandLine(command: string, inputs: PropertyMap, previous: Partial<CommandOutput>): CommandLine {
  return {
    command,
    interpreter: strings(inputs["interpreter"]),
    dir: inputs["dir"] === undefined ? undefined : String(inputs["dir"]),
    environment: environmentOf(inputs, previous),
    stdin: inputs["stdin"] === undefined ? undefined : String(inputs["stdin"]),
    logging: loggingOf(inputs),
  };
}

/** Every output depends on every input: one secret input makes both secret. */
export function commandOutputs(inputs: PropertyMap, output: CommandOutput | undefined): PropertyMap {
  const { stdout, stderr } = output ?? { stdout: UNKNOWN, stderr: UNKNOWN };
  const kept = Object.fromEntries(Object.entries(inputs).filter(([key]) => !key.startsWith("__")));
  return containsSecret(inputs)
    ? { ...kept, stdout: secret(stdout), stderr: secret(stderr) }
    : { ...kept, stdout, stderr };
}

export function previousOutput(outputs: PropertyMap): CommandOutput {
  const { stdout, stderr } = unwrapSecrets(outputs);
  return { stdout: String(stdout ?? ""), stderr: String(stderr ?? "") };
}
