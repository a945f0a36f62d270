import { graphNameProblem } from "../../../../components/data/neo4j/names";
import { duplicates, type Rule, rule } from "../rule";

export const neo4jRules: Rule[] = [
  rule("neo4j-license", ({ services: { neo4j } }) =>
    !neo4j.enabled || neo4j.edition === "community" || neo4j.acceptLicense
      ? []
      : [
          {
            path: "services.neo4j.acceptLicense",
            value: false,
            message: "Neo4j Enterprise may only be run with a license of Neo4j, Inc.",
            allowed: "true where there is one: https://neo4j.com/terms/licensing/",
            fix: "Set orrery:services.neo4j.acceptLicense to true, or orrery:services.neo4j.edition to community.",
          },
        ],
  ),
  rule("neo4j-single-server", ({ environment, services: { neo4j } }) =>
    environment !== "prod" || !neo4j.enabled || neo4j.singleServer
      ? []
      : [
          {
            path: "services.neo4j.singleServer",
            value: false,
            message:
              "Neo4j runs as one server (Community has no cluster): it is away while its node restarts, and its volume is the only copy.",
            allowed: "true in prod",
            fix: "Set orrery:services.neo4j.singleServer to true if that will do, and switch orrery:services.neo4j.backup on.",
          },
        ],
  ),
  rule("neo4j-browser-bolt", ({ services: { neo4j } }) =>
    !neo4j.enabled || neo4j.browser === undefined || neo4j.boltHost !== undefined
      ? []
      : [
          {
            path: "services.neo4j.boltHost",
            value: undefined,
            message:
              "Neo4j Browser is a page that talks to Bolt from the reader's own machine, over WebSocket, with a certificate that browsers trust: without a name for that it shows nothing.",
            allowed: "a name of its own while services.neo4j.browser is set",
            fix: "Set orrery:services.neo4j.boltHost, e.g. to bolt.",
          },
        ],
  ),
  rule("graph-name", ({ services: { neo4j } }) =>
    neo4j.graphs.flatMap(({ name }, index) => {
      const problem = graphNameProblem(name);
      return problem === undefined
        ? []
        : [
            {
              path: `services.neo4j.graphs[${index}].name`,
              value: name,
              message: `Neo4j or Kubernetes refuses this name: ${problem}.`,
              allowed:
                "a lower-case letter, then lower-case letters, digits and hyphens, 3 to 40; no name of Neo4j's own",
              fix: `Rename orrery:services.neo4j.graphs[${index}].`,
            },
          ];
    }),
  ),
  rule("graph-name-unique", ({ services: { neo4j } }) =>
    duplicates(neo4j.graphs.map(({ name }) => name)).map((index) => ({
      path: `services.neo4j.graphs[${index}].name`,
      value: neo4j.graphs[index]!.name,
      message: "Another graph has this name.",
      allowed: "each name once",
      fix: `Rename or remove orrery:services.neo4j.graphs[${index}].`,
    })),
  ),
  rule("graphs-without-neo4j", ({ services: { neo4j } }) =>
    neo4j.enabled || neo4j.graphs.length === 0
      ? []
      : [
          {
            path: "services.neo4j.graphs",
            value: neo4j.graphs.map(({ name }) => name),
            message: "Neo4j is switched off, so nobody would make these users.",
            allowed: "empty while services.neo4j.enabled is false",
            fix: "Set orrery:services.neo4j.enabled to true, or remove the graphs.",
          },
        ],
  ),
];
