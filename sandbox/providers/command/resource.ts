import { randomBytes } from "node:crypto";
import { diffInputs, type OperationContext, type PropertyMap, type ResourceHandler, unwrapSecrets } from "../framework";
import { checkCommand, commandOutputs, previousOutput } from "./inputs";
import type { CommandOutput } from "./process";

export interface CommandKind {
  /** Every input that this kind has. */
  inputs: readonly string[];
  required: readonly string[];
  run(
    command: string,
    inputs: PropertyMap,
    previous: Partial<CommandOutput>,
    context: OperationContext,
  ): Promise<CommandOutput>;
}

/** The life cycle that local and remote commands share, as @pulumi/command 1.2.1 has it. */
export function commandResource(kind: CommandKind): ResourceHandler {
  return {
    async check({ newInputs }) {
      const missing = kind.required
        .filter((property) => newInputs[property] === undefined)
        .map((property) => ({ property, reason: `${property} is required` }));
      return { inputs: newInputs, failures: [...missing, ...checkCommand(newInputs, kind.inputs)] };
    },

    /** Any change runs the command again; a changed trigger replaces, so that `delete` runs too. */
    async diff({ oldInputs, newInputs }) {
      return diffInputs(oldInputs, newInputs, { replaceOn: ["triggers"] });
    },

    async create(inputs, context) {
      const id = `${context.urn.split("::").at(-1)}${randomBytes(4).toString("hex")}`;
      if (context.preview) {
        return { id, outputs: commandOutputs(inputs, undefined) };
      }
      const plain = unwrapSecrets(inputs);
      const output = plain["create"] ? await kind.run(String(plain["create"]), plain, {}, context) : EMPTY;
      return { id, outputs: commandOutputs(inputs, output) };
    },

    /** What a command did cannot be read back. */
    async read({ id, inputs, outputs }) {
      return { id, inputs, outputs };
    },

    async update({ oldOutputs, newInputs }, context) {
      if (context.preview) {
        return commandOutputs(newInputs, undefined);
      }
      const plain = unwrapSecrets(newInputs);
      const previous = previousOutput(oldOutputs);
      const command = plain["update"] ?? plain["create"];
      const output = command ? await kind.run(String(command), plain, previous, context) : previous;
      return commandOutputs(newInputs, output);
    },

    async delete({ outputs }, context) {
      const plain = unwrapSecrets(outputs);
      if (plain["delete"]) {
        await kind.run(String(plain["delete"]), plain, previousOutput(outputs), context);
      }
    },
  };
}

const EMPTY: CommandOutput = { stdout: "", stderr: "" };
