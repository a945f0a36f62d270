/** Names a user, in Enterprise a database and a role as well, and Kubernetes objects. */
const graphName = /^[a-z][a-z0-9-]{1,38}[a-z0-9]$/;
const RESERVED = ["neo4j", "system", "admin", "architect", "publisher", "editor", "reader", "public"];

/** Why a graph cannot have this name; undefined where it can. */
export function graphNameProblem(name: string): string | undefined {
  if (RESERVED.includes(name)) return "Neo4j has a user, a role or a database of this name";
  return graphName.test(name)
    ? undefined
    : "allowed are a lower-case letter, then lower-case letters, digits and hyphens, 3 to 40, no hyphen at the end";
}

export function checkGraphName(name: string): void {
  const problem = graphNameProblem(name);
  if (problem !== undefined) throw new Error(`Graph "${name}": ${problem}. Choose another name.`);
}
