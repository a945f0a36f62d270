import { dataServices } from "../../kept-data";
import { type Rule, rule } from "../rule";

export const keptRules: Rule[] = [
  rule("delete-data-while-enabled", ({ services }) =>
    dataServices()
      .filter((name) => services[name].enabled && services[name].deleteData)
      .map((name) => ({
        path: `services.${name}.deleteData`,
        value: true,
        message: "The service is switched on, and its data would be deleted under it.",
        allowed: `true only while services.${name}.enabled is false`,
        fix: `Remove orrery:services.${name}.deleteData; to be rid of the data, set orrery:services.${name}.enabled to false as well.`,
      })),
  ),
];
