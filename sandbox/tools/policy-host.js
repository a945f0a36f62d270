// Runs a policy pack as the SDK's own command does, without the TypeScript compiler that the command loads first: the
// pack brings its own way to read TypeScript.
const [, program] = process.argv.slice(2);

require("@pulumi/pulumi/cmd/run-policy-pack/run")
  .run({ argv: { _: [program] }, programStarted() {}, reportLoggedError() {}, typeScript: false })
  .catch((error) => {
    console.error(error instanceof Error ? error.stack : error);
    process.exit(1);
  });
